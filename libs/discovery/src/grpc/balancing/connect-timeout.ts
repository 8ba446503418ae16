import { type ChannelOptions, connectivityState } from '@grpc/grpc-js';
import { startTimerAfterReading } from '../../runtime/timers.js';
import { abandonConnectionAttempt } from '../connection.js';
import { SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX, type SubchannelInterface } from '../experimental.js';

type StateListener = Parameters<SubchannelInterface['addConnectivityStateListener']>[0];

/** Channel option: how long a connection attempt may take, in ms. It does not become an argument of subchannels. */
export const connectTimeoutKey = `${SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX}.rollcall.connect_timeout_ms`;

/** MIN_CONNECT_TIMEOUT of https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md, in ms. */
export const defaultConnectTimeoutMs = 20_000;

/**
 * Gives up connection attempts of `subchannel` that take too long; the next one starts after the backoff. grpc-js waits for
 * ever for a peer that accepts a connection and sends no SETTINGS (grpc/grpc-node#2785). Returns a function that ends it.
 */
export function limitConnectionAttempts(
  subchannel: SubchannelInterface,
  options: ChannelOptions,
): () => void {
  const timeoutMs = Number(options[connectTimeoutKey] ?? defaultConnectTimeoutMs);
  let cancelTimer = () => {};
  const onState = (state: connectivityState) => {
    cancelTimer();
    if (state !== connectivityState.CONNECTING) return;
    cancelTimer = startTimerAfterReading(timeoutMs, () => {
      if (subchannel.getConnectivityState() === connectivityState.CONNECTING)
        abandonConnectionAttempt(subchannel, `no connection within ${timeoutMs} ms`);
    });
  };
  const listener: StateListener = (_subchannel, _previous, state) => onState(state);
  subchannel.addConnectivityStateListener(listener);
  onState(subchannel.getConnectivityState());
  return () => {
    cancelTimer();
    subchannel.removeConnectivityStateListener(listener);
  };
}
