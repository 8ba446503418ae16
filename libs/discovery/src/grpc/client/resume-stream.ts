import { setTimeout as wait } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { Backoff, type BackoffOptions } from '../../runtime/backoff.js';
import { childAbortController } from '../../runtime/timers.js';

export interface ResumeOptions {
  /** Ends it, without an error. */
  readonly signal?: AbortSignal;
  /** Between attempts; starts over with each value. Default 100 to 500 ms. */
  readonly backoff?: BackoffOptions;
}

/** A stream that lasted this long, in ms, was a good one: it is opened again at once. */
const stableAfterMs = 1_000;

/**
 * A server stream that outlives its server: when the instance behind it is gone (UNAVAILABLE, or a CANCELLED that nobody
 * here asked for), it is opened again on another one, for ever, with the last value that was seen, so that the request
 * can say where to go on. Whether a value comes twice is for that request and the server to settle. No attempt has a
 * deadline; the end of the stream, any other error, `signal`, or leaving the loop ends it.
 * @example
 * for await (const stock of resumeStream((last, { signal }) =>
 *   inventory.watchStock({ productId, seenAtMs: last?.observedAtMs ?? 0 }, { signal }),
 * )) show(stock);
 * @throws {ServiceError} what the server answers, unless it is a code from above.
 */
export async function* resumeStream<T>(
  open: (last: T | undefined, attempt: { readonly signal: AbortSignal }) => AsyncIterable<T>,
  { signal = new AbortController().signal, backoff }: ResumeOptions = {},
): AsyncGenerator<T, void, undefined> {
  const delays = new Backoff(backoff);
  let last: T | undefined;
  while (!signal.aborted) {
    const attempt = childAbortController(signal);
    const openedAt = performance.now();
    try {
      for await (const value of open(last, attempt)) {
        last = value;
        delays.reset();
        yield value;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!isLoss(error)) throw error;
    } finally {
      attempt.dispose();
      attempt.abort();
    }
    if (performance.now() - openedAt >= stableAfterMs) delays.reset();
    // It keeps the process alive: somebody waits for the next value.
    else await wait(delays.next(), undefined, { signal }).catch(() => {});
  }
}

function isLoss(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === status.UNAVAILABLE || code === status.CANCELLED;
}
