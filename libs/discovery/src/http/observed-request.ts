import type { Dispatcher } from 'undici';
import { CallRecord } from '../calling/call-record.js';
import { areCallsObserved, events } from '../events/event-source.js';
import { emitRequest, headersOf } from './request-events.js';

type Handler = Dispatcher.DispatchHandler;
type Method = (...args: never[]) => unknown;

/** What each method of a handler says of its request, by name: those of undici 7, and of its older interface, as Node 20 has it. */
const outcomes: Readonly<Record<string, 'status' | 'ended' | 'failed' | 'upgraded' | 'other'>> = {
  onRequestStart: 'other',
  onResponseStart: 'status',
  onResponseData: 'other',
  onResponseEnd: 'ended',
  onResponseError: 'failed',
  onRequestUpgrade: 'upgraded',
  onConnect: 'other',
  onHeaders: 'status',
  onInfo: 'other',
  onBodySent: 'other',
  onRequestSent: 'other',
  onResponseStarted: 'other',
  onData: 'other',
  onComplete: 'ended',
  onError: 'failed',
  onUpgrade: 'upgraded',
};

export interface ObservedRequest {
  /** Undefined while nobody listens to the events of calls. */
  readonly record: CallRecord | undefined;
  readonly handler: Handler;
}

/** Emits the start of a request, and its end when its handler is called. */
export function observeRequest(
  service: string,
  origin: string,
  { method, headers }: Dispatcher.DispatchOptions,
  handler: Handler,
): ObservedRequest {
  if (!areCallsObserved()) return { record: undefined, handler };
  const record = new CallRecord({ protocol: 'http', target: origin, service, method, isKnownMethod: true });
  const startedAt = performance.now();
  if (events['call-start'].hasListeners)
    events['call-start'].emit({ type: 'call-start', call: record.call, headers: headersOf(headers) });
  let status = 0;
  let isEnded = false;
  const end = (error?: Error) => {
    if (isEnded) return;
    isEnded = true;
    if (events.call.hasListeners) emitRequest(record, status, error, performance.now() - startedAt);
  };
  const before: Readonly<Record<string, (args: readonly unknown[]) => void>> = {
    status: (args) => (status = statusOf(args)),
    ended: () => end(),
    failed: (args) => end(toError(args.at(-1))),
    upgraded: (args) => {
      status = statusOf(args);
      end();
    },
  };
  const observed: Record<string, Method> = {};
  for (const [name, outcome] of Object.entries(outcomes)) {
    const own = (handler as Record<string, Method | undefined>)[name];
    if (typeof own !== 'function') continue;
    observed[name] = (...args) => {
      before[outcome]?.(args);
      return own.apply(handler, args);
    };
  }
  return { record, handler: observed as Handler };
}

/** A request can be aborted with any reason. */
function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** Its first argument, or the second one after the controller. */
function statusOf(args: readonly unknown[]): number {
  return args.find((arg): arg is number => typeof arg === 'number') ?? 0;
}
