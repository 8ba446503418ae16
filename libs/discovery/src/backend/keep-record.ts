import { DiscoveryError, type ErrorCode } from '../model/errors.js';
import { childAbortController, sleep } from '../runtime/timers.js';

/** Delay before a failed heartbeat is retried, in ms. */
const retryDelayMs = 500;

export interface HeartbeatOptions {
  /** For messages. */
  readonly what: string;
  readonly ttlMs: number;
  /** Errors that end the heartbeats at once. All others are retried until the TTL is over, which is made to bridge gaps. */
  readonly fatal: readonly ErrorCode[];
}

/**
 * Sends a heartbeat every third of the TTL until `signal` aborts. `send` receives how long the TTL still lasts, in ms.
 * @throws {DiscoveryError} a fatal error; REGISTRATION_LOST when no heartbeat succeeded within the TTL.
 */
export async function sendHeartbeats(
  send: (remainingMs: number) => Promise<void>,
  { what, ttlMs, fatal }: HeartbeatOptions,
  signal: AbortSignal,
): Promise<void> {
  let succeededAt = performance.now();
  let delayMs = ttlMs / 3;
  for (;;) {
    await sleep(delayMs, signal);
    if (signal.aborted) return;
    const startedAt = performance.now();
    try {
      await send(succeededAt + ttlMs - startedAt);
      succeededAt = startedAt;
      delayMs = ttlMs / 3;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof DiscoveryError && fatal.includes(error.code)) throw error;
      const remainingMs = succeededAt + ttlMs - performance.now();
      if (remainingMs <= 0) {
        const reason = error instanceof Error ? error.message : String(error);
        const message = `${what}: no heartbeat succeeded within ${ttlMs} ms: ${reason}`;
        throw new DiscoveryError('REGISTRATION_LOST', message, { cause: error });
      }
      delayMs = Math.min(retryDelayMs, ttlMs / 3, remainingMs);
    }
  }
}

/** Runs `tasks` until the first one ends, then aborts the rest and waits for them. Throws what the first one threw. */
export async function runUntilFirstEnds(
  signal: AbortSignal,
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const session = childAbortController(signal);
  const running = tasks.map((task) => task(session.signal));
  try {
    await Promise.race(running);
  } finally {
    session.abort();
    session.dispose();
    await Promise.allSettled(running);
  }
}
