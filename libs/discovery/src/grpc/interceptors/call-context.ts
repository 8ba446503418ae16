import { AsyncLocalStorage } from 'node:async_hooks';

/** The incoming call or request for which a program makes calls of its own. */
export interface CallContext {
  /** When the response is due, in ms since the Unix epoch. */
  readonly deadline?: number;
  /** Aborts when the caller has cancelled. */
  readonly signal?: AbortSignal;
}

const storage = new AsyncLocalStorage<CallContext>();

/**
 * Runs `work` for an incoming call: every call that it makes, however deep, gets the incoming deadline less a margin, and
 * is cancelled with the incoming call. Other gRPC implementations propagate deadlines by default; grpc-js does so only
 * through the `parent` option of each call.
 */
export function withCallContext<T>(context: CallContext, work: () => T): T {
  return storage.run(context, work);
}

/** The current incoming call, if any. */
export function callContext(): CallContext | undefined {
  return storage.getStore();
}
