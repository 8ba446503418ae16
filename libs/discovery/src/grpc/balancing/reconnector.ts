import { connectivityState } from '@grpc/grpc-js';
import type { SubchannelInterface } from '../experimental.js';

type StateListener = Parameters<SubchannelInterface['addConnectivityStateListener']>[0];

/** Ends the backoff of addresses that have a new incarnation, once for each incarnation. */
export class Reconnector {
  /** By address: ends the wait for an attempt that is under way. */
  readonly #waiting = new Map<string, () => void>();

  /**
   * Makes `subchannel` connect now if it is in backoff. Waits for an attempt that is under way: it may have started before
   * the new instance listened, so its failure does not count.
   */
  reconnect(address: string, subchannel: SubchannelInterface): void {
    this.cancel(address);
    const state = subchannel.getConnectivityState();
    if (state === connectivityState.READY) return;
    if (state === connectivityState.TRANSIENT_FAILURE) return resetBackoff(subchannel);
    const listener: StateListener = (_subchannel, _previous, next) => {
      if (next !== connectivityState.READY && next !== connectivityState.TRANSIENT_FAILURE) return;
      this.cancel(address);
      if (next === connectivityState.TRANSIENT_FAILURE) resetBackoff(subchannel);
    };
    subchannel.addConnectivityStateListener(listener);
    this.#waiting.set(address, () => subchannel.removeConnectivityStateListener(listener));
  }

  cancel(address: string): void {
    this.#waiting.get(address)?.();
    this.#waiting.delete(address);
  }

  cancelAll(): void {
    for (const address of this.#waiting.keys()) this.cancel(address);
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
