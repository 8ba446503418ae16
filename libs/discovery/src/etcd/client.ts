import { Etcd3, type IOptions } from 'etcd3';
import type { CheckedEtcdOptions } from './options.js';

type Policy = NonNullable<NonNullable<IOptions['faultHandling']>['global']>;

/**
 * Does what it is given, once. etcd3's own policies retry behind our back and open a circuit on a failing call, which
 * keeps the client dead for seconds after etcd is back; retrying is done above, for all backends alike.
 */
const once: Policy = {
  _altReturn: undefined as never,
  onSuccess: () => ({ dispose: () => {} }),
  onFailure: () => ({ dispose: () => {} }),
  execute: async (task) => task({ signal: new AbortController().signal } as never),
};

/** etcd3, used for its transport: unary calls and raw streams. What is dangerous in it is switched off here. */
export function connectEtcd(options: CheckedEtcdOptions): Etcd3 {
  const { hosts, username, password, tls, requestTimeoutMs } = options;
  return new Etcd3({
    hosts: hosts.map((host) => (tls ? `https://${host}` : host)),
    ...(username !== undefined && password !== undefined && { auth: { username, password } }),
    ...(tls?.ca && {
      credentials: {
        rootCertificate: tls.ca,
        ...(tls.key && { privateKey: tls.key }),
        ...(tls.cert && { certChain: tls.cert }),
      },
    }),
    faultHandling: { host: () => once, global: once },
    // Unary calls have no deadline of their own, and a frozen etcd would hold them for ever (etcd3#96).
    defaultCallOptions: ({ isStream }) => (isStream ? {} : { deadline: Date.now() + requestTimeoutMs }),
    grpcOptions: {
      // A frozen or black-holed etcd is noticed by nothing else. Asked more often than every 5 s, it hangs up.
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 3_000,
      // grpc-js' own grows to 120 s: an etcd that comes back would wait for us that long.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 500,
      // Shared subchannels would hand their backoff on to the channel that replaces a failed one.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_http_proxy': 0,
      'grpc.max_receive_message_length': 256 * 1024 * 1024,
    },
  });
}
