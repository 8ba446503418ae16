import { DiscoveryError } from '../model/errors.js';
import { sleep } from '../runtime/timers.js';
import type { EtcdClient } from './client.js';

/** How long after a beat that failed the next one comes, in ms. */
const beatAgainMs = 500;

/**
 * Keeps a lease alive until `signal` aborts. A beat that fails is made again; what counts is when one was heard last.
 * @throws {DiscoveryError} REGISTRATION_LOST when the lease is gone, or must be taken for gone.
 */
export async function keepLease(
  client: EtcdClient,
  lease: string,
  ttlMs: number,
  signal: AbortSignal,
): Promise<void> {
  let heardAt = performance.now();
  let delayMs = ttlMs / 3;
  while (!signal.aborted) {
    await sleep(delayMs, signal);
    if (signal.aborted) return;
    const askedAt = performance.now();
    try {
      if ((await client.keepAlive(lease, heardAt + ttlMs - askedAt, signal)) <= 0) {
        throw new DiscoveryError('REGISTRATION_LOST', `lease ${lease} has expired or was revoked`);
      }
      heardAt = askedAt;
      delayMs = ttlMs / 3;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof DiscoveryError && error.code === 'REGISTRATION_LOST') throw error;
      const silentMs = performance.now() - heardAt;
      if (silentMs >= ttlMs) {
        const cause = error instanceof Error ? error.message : String(error);
        throw new DiscoveryError(
          'REGISTRATION_LOST',
          `lease ${lease} was not kept alive for ${Math.round(silentMs)} ms: ${cause}`,
          { cause: error },
        );
      }
      delayMs = Math.min(beatAgainMs, ttlMs - silentMs);
    }
  }
}
