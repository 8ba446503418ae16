import { AsyncLocalStorage } from 'node:async_hooks';

/** What a program is answering while it makes calls of its own: for nobody, once that is over. */
export interface CallContext {
  /** Until when an answer is wanted, in ms since the Unix epoch. */
  readonly deadline?: number;
  /** Aborts when the caller has hung up. */
  readonly signal?: AbortSignal;
}

const incoming = new AsyncLocalStorage<CallContext>();

/**
 * Runs `work` for an incoming call or request: every call that it makes, however deep, ends a margin before the
 * incoming one's deadline, and is cancelled with it. gRPC passes deadlines on by itself in other languages; in grpc-js
 * only through the `parent` option of each call.
 */
export function withCallContext<T>(call: CallContext, work: () => T): T {
  return incoming.run(call, work);
}

/** The call that is being answered here, if any. */
export function callContext(): CallContext | undefined {
  return incoming.getStore();
}
