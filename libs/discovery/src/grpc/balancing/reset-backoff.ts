import type { SubchannelInterface } from '../experimental.js';

/**
 * Ends the wait of a connection that failed: it is tried again now.
 *
 * grpc-js has this on the subchannel alone, and none of its policies passes it on. Where a later version has it no
 * more, nothing happens, and the connection is tried when its backoff is over (`reconnectMaxMs`, one second).
 */
export function resetBackoff(subchannel: SubchannelInterface): void {
  const real: { resetBackoff?: unknown } | undefined = subchannel.getRealSubchannel?.();
  if (typeof real?.resetBackoff === 'function') real.resetBackoff();
}
