import { AsyncLocalStorage } from 'node:async_hooks';
import { OutgoingCalls } from './outgoing-calls.js';

/** The incoming call or request for which a program makes calls of its own. */
export interface CallContext {
  /** When the response is due, in ms since the Unix epoch. */
  readonly deadline?: number;
  /** Aborts when the caller has cancelled. */
  readonly signal?: AbortSignal;
}

/** For an incoming call whose end is not the end of a promise, as with callbacks and observables. */
export interface CallScope {
  /** Runs `work` in the context of the call. */
  run<T>(work: () => T): T;
  /** The response was sent: calls that what is still running makes from now on have no context. Idempotent. */
  end(): void;
}

interface ActiveCall {
  context: CallContext | undefined;
  [outgoing]?: OutgoingCalls;
}

/** Each copy of this library has its own. */
const outgoing = Symbol('outgoing calls');

/** All copies of this library in a process share it: one may run the server and another one the client. */
const key = Symbol.for('@rollcall/discovery/call-context/1');
const holder = globalThis as { [key]?: AsyncLocalStorage<ActiveCall> };
const storage = (holder[key] ??= new AsyncLocalStorage<ActiveCall>());

/**
 * Runs `work` for an incoming call: every call that it makes, however deep, gets the incoming deadline less a margin, and
 * is cancelled with the incoming call. Other gRPC implementations propagate deadlines by default; grpc-js does so only
 * through the `parent` option of each call.
 *
 * The context ends when the promise of `work` settles: calls of what goes on after that, such as a timer, have none. If
 * `work` returns something else, such as an observable, use {@link openCallContext}, because the end of the call is
 * unknown. {@link withoutCallContext} is for work that outlives the call.
 */
export function withCallContext<T>(context: CallContext, work: () => T): T {
  const scope = openCallContext(context);
  const result = scope.run(work);
  if (isPromise(result)) result.then(scope.end, scope.end);
  return result;
}

/** Like {@link withCallContext}, for an incoming call that ends when `end` is called. */
export function openCallContext(context: CallContext): CallScope {
  const call: ActiveCall = { context };
  return { run: (work) => storage.run(call, work), end: () => void (call.context = undefined) };
}

/** Runs `work` outside of any incoming call: for work that a handler starts and does not wait for. */
export function withoutCallContext<T>(work: () => T): T {
  return storage.run({ context: undefined }, work);
}

/** Runs `work` without the deadline of the current incoming call; it is still cancelled with the call. */
export function withoutDeadline<T>(work: () => T): T {
  const { signal } = callContext() ?? {};
  return storage.run({ context: signal && { signal } }, work);
}

/** The current incoming call, if any. */
export function callContext(): CallContext | undefined {
  return storage.getStore()?.context;
}

/** The calls that are cancelled with the current incoming call, if it can be. */
export function outgoingCalls(): OutgoingCalls | undefined {
  const call = storage.getStore();
  const signal = call?.context?.signal;
  return signal && (call[outgoing] ??= new OutgoingCalls(signal));
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
}
