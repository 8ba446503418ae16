import type { Dispatcher } from 'undici';
import type { CallRecord } from '../calling/call-record.js';
import type { AttemptHeaders, EventHeaders, RetryEvent } from '../events/discovery-events.js';
import { events } from '../events/event-source.js';
import { addressOf } from '../model/instance.js';
import type { HttpAttempt, HttpRequest } from './http-attempt.js';

type Headers = Dispatcher.DispatchOptions['headers'];

export function emitRequest(
  { call, retries, hedges, isBudgetSpent }: CallRecord,
  status: number,
  error: Error | undefined,
  durationMs: number,
): void {
  events.call.emit({
    type: 'call',
    call,
    outcome: !error ? 'success' : error.name === 'AbortError' ? 'cancelled' : 'failure',
    code: codeOf(error, status),
    error: error?.message,
    retries,
    hedges,
    isBudgetSpent,
    durationMs,
  });
}

/** Emits the start of an attempt. Returns the headers that tracers add to it. */
export function emitAttemptStart(
  { call }: CallRecord,
  { number, isHedge }: HttpAttempt,
  reason: RetryEvent['reason'] | undefined,
  headers: Headers,
): ReadonlyMap<string, string> {
  const added = new Map<string, string>();
  const own: AttemptHeaders = {
    get: (name) => {
      const value = added.get(name);
      return value === undefined ? headersOf(headers).get(name) : [value];
    },
    set: (name, value) => void added.set(name, value),
  };
  events['attempt-start'].emit({
    type: 'attempt-start',
    call,
    attempt: number,
    reason,
    isHedge,
    headers: own,
  });
  return added;
}

export function emitAttempt(
  { service, method, record }: HttpRequest,
  { endpoint: { instance }, number, isHedge, sentAt, status }: HttpAttempt,
  error: Error | undefined,
  wasCancelled: boolean,
): void {
  events.attempt.emit({
    type: 'attempt',
    call: record?.call,
    protocol: 'http',
    service,
    instance: { id: instance.id, address: addressOf(instance) },
    method,
    attempt: number,
    isHedge,
    outcome: wasCancelled ? 'cancelled' : error ? 'failure' : 'success',
    code: codeOf(error, status),
    error: error?.message,
    waitedMs: 0,
    durationMs: performance.now() - sentAt,
  });
}

export function emitRetry({ service, method, attempts }: HttpRequest, reason: RetryEvent['reason']): void {
  events.retry.emit({ type: 'retry', protocol: 'http', service, method, attempt: attempts, reason });
}

function codeOf(error: Error | undefined, status = 0): number | string {
  return error ? ((error as NodeJS.ErrnoException).code ?? error.name) : status;
}

export function headersOf(headers: Headers): EventHeaders {
  return {
    get: (name) =>
      entriesOf(headers).flatMap(([each, value]) =>
        each.toLowerCase() === name.toLowerCase() ? [value] : [],
      ),
  };
}

/** `headers` with other values for those in `added`. */
export function withHeaders(
  headers: NonNullable<Headers>,
  added: ReadonlyMap<string, string>,
): NonNullable<Headers> {
  if (added.size === 0) return headers;
  const names = new Set([...added.keys()].map((name) => name.toLowerCase()));
  const kept = entriesOf(headers).filter(([name]) => !names.has(name.toLowerCase()));
  return [...kept, ...added].flat() as string[];
}

/** undici takes a flat list of names and values, an iterable of pairs, or an object. */
function entriesOf(headers: Headers): (readonly [name: string, value: unknown])[] {
  if (!headers) return [];
  if (Array.isArray(headers))
    return headers.flatMap((name, i) => (i % 2 === 0 ? [[String(name), headers[i + 1]] as const] : []));
  const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  return entries as [string, unknown][];
}
