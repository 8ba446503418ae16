import type { ClientHttp2Session } from 'node:http2';
import { connectivityState } from '@grpc/grpc-js';
import type { Connection } from '../calling/endpoint-health.js';
import type { SubchannelInterface } from './experimental.js';

/*
 * What grpc-js has no public way for: to ping a connection, to give one up, and to give up a connection attempt
 * (grpc/grpc-node#2785). Only this file reads those private members. With a version that has not got them an endpoint is
 * suspected by its calls alone, and a connection attempt has no time limit.
 */
interface PrivateSubchannel {
  readonly transport?: {
    readonly session?: ClientHttp2Session;
    readonly handleDisconnect?: () => void;
  } | null;
  readonly connector?: { readonly session?: ClientHttp2Session | null };
  readonly transitionToState?: (
    from: readonly connectivityState[],
    to: connectivityState,
    error: string,
  ) => boolean;
}

function privateSubchannel(subchannel: SubchannelInterface): PrivateSubchannel {
  return subchannel.getRealSubchannel() as unknown as PrivateSubchannel;
}

/** The connection of a subchannel. It is there a moment after the subchannel is READY. */
export function connectionOf(subchannel: SubchannelInterface): Connection {
  return {
    ping(onAnswer) {
      const session = privateSubchannel(subchannel).transport?.session;
      if (typeof session?.ping !== 'function' || session.destroyed || session.closed) return false;
      return session.ping((error) => {
        if (!error) onAnswer();
      });
    },
    abandon() {
      const { transport } = privateSubchannel(subchannel);
      transport?.handleDisconnect?.();
    },
  };
}

/** Gives up a connection attempt that is neither accepted nor refused; the next one starts after the backoff. */
export function abandonConnectionAttempt(subchannel: SubchannelInterface, reason: string): void {
  const real = privateSubchannel(subchannel);
  // With a session, the peer has accepted the connection and not sent its SETTINGS. Without one, it has not accepted yet.
  if (real.connector?.session) real.connector.session.destroy();
  else real.transitionToState?.([connectivityState.CONNECTING], connectivityState.TRANSIENT_FAILURE, reason);
}
