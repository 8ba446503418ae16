import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { Backoff, type BackoffOptions } from '../../runtime/backoff.js';
import { childAbortController } from '../../runtime/timers.js';
import { callContext, withoutDeadline } from '../interceptors/call-context.js';

export interface ResumeOptions {
  /** Ends the stream without an error. */
  readonly signal?: AbortSignal;
  /** Between attempts; starts over with each value. Default 100 to 500 ms. */
  readonly backoff?: BackoffOptions;
}

/** A stream that has lasted this long, in ms, is reopened without a delay. */
const stableAfterMs = 1_000;

/**
 * A server stream that survives the loss of its server. On UNAVAILABLE, or on a CANCELLED that the caller did not request,
 * it is reopened on another instance, without a limit. `open` gets the last value, so that the request can say where to
 * continue; whether a value is delivered twice depends on that request and the server. No attempt has a deadline, not even
 * that of an incoming call (see `withCallContext`), which cancels the stream when its caller does.
 * The end of the stream, any other error, `signal`, or leaving the loop ends it.
 * @example
 * for await (const stock of resumeStream((last, { signal }) =>
 *   inventory.watchStock({ productId, seenAtMs: last?.observedAtMs ?? 0 }, { signal }),
 * )) show(stock);
 * @throws {ServiceError} any other error of the server.
 */
export async function* resumeStream<T>(
  open: (last: T | undefined, attempt: { readonly signal: AbortSignal }) => AsyncIterable<T>,
  { signal = new AbortController().signal, backoff }: ResumeOptions = {},
): AsyncGenerator<T, void, undefined> {
  const incoming = callContext();
  const delays = new Backoff(backoff);
  let last: T | undefined;
  while (!signal.aborted) {
    const attempt = childAbortController(signal);
    const openedAt = performance.now();
    try {
      for await (const value of withoutDeadline(() => open(last, attempt))) {
        last = value;
        delays.reset();
        yield value;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (incoming?.signal?.aborted || !isConnectionLoss(error)) throw error;
    } finally {
      attempt.dispose();
      attempt.abort();
    }
    if (performance.now() - openedAt >= stableAfterMs) delays.reset();
    // Keeps the process alive, because the caller awaits the next value.
    else await sleep(delays.next(), undefined, { signal }).catch(() => {});
  }
}

function isConnectionLoss(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === status.UNAVAILABLE || code === status.CANCELLED;
}
