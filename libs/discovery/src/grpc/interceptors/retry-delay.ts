import type { Metadata } from '@grpc/grpc-js';
import { jitter } from '../../runtime/backoff.js';

/** Metadata of a server that knows when a retry may succeed, in ms; negative: never (gRFC A6). */
const pushbackKey = 'grpc-retry-pushback-ms';

/** Delay before the second retry, in ms; it doubles for each further one. The first retry has none. */
const retryDelayMs = 10;

/**
 * The delay before the next attempt, in ms, after a response with this metadata and so many retries. Undefined if the server
 * asks for no retry, or for something unreadable.
 */
export function retryDelay(metadata: Metadata, retries: number): number | undefined {
  const [pushback] = metadata.get(pushbackKey);
  if (pushback === undefined) return retries === 0 ? 0 : jitter(retryDelayMs * 2 ** (retries - 1));
  const text = String(pushback);
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
