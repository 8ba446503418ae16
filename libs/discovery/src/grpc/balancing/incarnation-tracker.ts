import { connectivityState } from '@grpc/grpc-js';
import type { SubchannelInterface } from '../experimental.js';
import type { AttributesByAddress } from './endpoint-attributes.js';

/** Tracks addresses that have a new incarnation and have neither connected nor been retried since. */
export class IncarnationTracker {
  readonly #pending = new Set<string>();

  /** Compares two lists. Returns the addresses at which another instance has replaced the previous one. */
  diff(before: AttributesByAddress, now: AttributesByAddress): ReadonlySet<string> {
    const replaced = new Set<string>();
    for (const [address, { incarnation }] of now) {
      const previous = before.get(address)?.incarnation;
      if (previous === incarnation) continue;
      this.#pending.add(address);
      if (previous !== undefined) replaced.add(address);
    }
    return replaced;
  }

  /**
   * Ends the backoff of pending addresses, once for each incarnation. Waits for an attempt that is under way: it may have
   * started before the new instance listened, so its failure does not count.
   */
  reconnect(subchannels: ReadonlyMap<string, SubchannelInterface>): void {
    for (const address of this.#pending) {
      const subchannel = subchannels.get(address);
      const state = subchannel?.getConnectivityState();
      if (state === connectivityState.IDLE || state === connectivityState.CONNECTING) continue;
      this.#pending.delete(address);
      if (subchannel && state === connectivityState.TRANSIENT_FAILURE) resetBackoff(subchannel);
    }
  }
}

/**
 * Makes a subchannel in backoff connect now. In grpc-js only the real subchannel has this method, and none of its policies
 * pass the call on. If a later version drops it, nothing happens: the subchannel connects when its backoff ends.
 */
export function resetBackoff(subchannel: SubchannelInterface): void {
  const real: { resetBackoff?: unknown } | undefined = subchannel.getRealSubchannel?.();
  if (typeof real?.resetBackoff === 'function') real.resetBackoff();
}
