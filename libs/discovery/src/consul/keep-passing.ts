import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { sleep } from '../runtime/timers.js';
import { isUnknownCheck } from './agent-api.js';
import { type Announcer, lost } from './announcer.js';

/** How soon a pass that failed is tried again, in ms. */
const passAgainMs = 500;

/**
 * Passes the TTL check every third of the TTL. One that fails is no loss yet: the watch of the record notices a broken
 * connection, and a TTL is there to be used.
 */
export async function keepPassing(
  { agent, settings }: Announcer,
  { id }: Instance,
  signal: AbortSignal,
): Promise<void> {
  const { ttlMs, requestTimeoutMs: timeoutMs } = settings;
  let passedAt = performance.now();
  // At once: over its own restart an agent keeps only a state that was passed, and takes all others for critical.
  let waitMs = 0;
  while (!signal.aborted) {
    await sleep(waitMs, signal);
    if (signal.aborted) return;
    const startedAt = performance.now();
    try {
      await agent.pass(id, { timeoutMs, signal });
      passedAt = startedAt;
      waitMs = ttlMs / 3;
    } catch (error) {
      if (signal.aborted) return;
      if (isUnknownCheck(error)) throw lost(id, 'the agent no longer knows it', error);
      if (error instanceof DiscoveryError && error.code === 'REGISTRY_REFUSED') throw error;
      if (performance.now() - passedAt > ttlMs) throw lost(id, `not passed for ${ttlMs} ms`, error);
      waitMs = Math.min(passAgainMs, ttlMs / 3);
    }
  }
}
