import { connectivityState } from '@grpc/grpc-js';
import type { SubchannelInterface } from '../experimental.js';
import { resetBackoff } from './reset-backoff.js';
import type { AttributesByAddress } from './endpoint-attributes.js';

/** The addresses that were announced anew and have neither connected nor been tried again since. */
export class IncarnationTracker {
  readonly #pending = new Set<string>();

  /** Compares two lists. Returns those of the later one where another instance was before. */
  hear(before: AttributesByAddress, now: AttributesByAddress): ReadonlySet<string> {
    const reborn = new Set<string>();
    for (const [address, { incarnation }] of now) {
      const known = before.get(address)?.incarnation;
      if (known === incarnation) continue;
      this.#pending.add(address);
      if (known !== undefined) reborn.add(address);
    }
    return reborn;
  }

  /**
   * Has those connect at once that wait for the end of a backoff: once for each announcement. An attempt that is under
   * way may have begun before there was anybody to connect to, so that its failure does not count.
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
