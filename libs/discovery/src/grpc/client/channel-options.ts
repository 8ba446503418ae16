import type { ChannelOptions } from '@grpc/grpc-js';
import { DiscoveryError } from '../../model/errors.js';
import { assertInteger } from '../../model/assert-integer.js';
import { type LoadBalancing, policyOf } from '../balancing/load-balancing.js';
import { type OutlierDetection, outlierPolicy } from '../balancing/outlier-detection.js';
import { registerPolicies } from '../balancing/register-policies.js';
import {
  discoveryPolicyName,
  type DiscoveryLoadBalancingJson,
} from '../balancing/discovery-load-balancing-config.js';
import { assertServiceConfig } from '../balancing/service-config.js';
import { registerStaticTargets } from '../resolver/static-resolver.js';

/** What a discovered channel needs. Every default is chosen so that the loss of an instance costs no call. */
export interface ChannelSettings {
  /** How calls are spread over the instances. Default `round_robin`. */
  readonly loadBalancing?: LoadBalancing;
  /** Takes an instance out that answers with errors; `false`: none. Default: see {@link OutlierDetection}. */
  readonly outlierDetection?: OutlierDetection | false;
  /**
   * When all connected instances leave the list at once, for how long they are called on while none of the new ones is
   * connected, in ms. Default 5,000; 0: not at all.
   */
  readonly keepReplacedMs?: number;
  /**
   * Methods that grpc-js sends again on UNAVAILABLE as long as no response has begun, each `package.Service/Method`.
   * Only idempotent ones belong here: see `idempotentMethods`. Default none. For channels without our interceptors:
   * {@link reissueInterceptor} does more, since it also saves a call whose response had begun, which a retry policy
   * holds for committed (gRFC A6). Together they would multiply attempts.
   */
  readonly retryMethods?: Iterable<string>;
  /** Attempts of those methods in all, from 2 to 5 (gRFC A6). Default 4. */
  readonly retryMaxAttempts?: number;
  /**
   * How long a connection with calls on it may be silent before it is asked for a sign of life, in ms. Default
   * 300,000: servers in other languages close connections that ask more often (gRFC A8). Where every server is ours,
   * {@link fastKeepalive} finds a frozen peer within a second.
   */
  readonly keepaliveTimeMs?: number;
  /** How long a sign of life may take, in ms, before the connection is given up. Default 5,000. */
  readonly keepaliveTimeoutMs?: number;
  /** First and longest delay before a lost connection is tried again, in ms. Defaults 100 and 1,000; grpc-js' own grow to 120 s. */
  readonly reconnectInitialMs?: number;
  readonly reconnectMaxMs?: number;
  /** The largest message taken, in bytes. Default 4 MiB. */
  readonly maxReceiveBytes?: number;
}

/** Keepalive for systems whose servers are all grpc-js, which does not mind frequent pings: a frozen peer costs a second. */
export const fastKeepalive = {
  keepaliveTimeMs: 500,
  keepaliveTimeoutMs: 500,
} as const satisfies ChannelSettings;

/**
 * Channel options for a discovered target. `overrides` have the last word, and are checked as well.
 * @throws {DiscoveryError} INVALID_OPTION. grpc-js itself only logs a wrong policy, at debug level, and falls back to
 *   pick_first: one instance gets everything.
 */
export function channelOptions(
  settings: ChannelSettings = {},
  overrides: ChannelOptions = {},
): ChannelOptions {
  registerPolicies();
  registerStaticTargets();
  const {
    loadBalancing = 'round_robin',
    outlierDetection = {},
    keepReplacedMs = 5_000,
    retryMethods = [],
    retryMaxAttempts = 4,
    keepaliveTimeMs = 300_000,
    keepaliveTimeoutMs = 5_000,
    reconnectInitialMs = 100,
    reconnectMaxMs = 1_000,
    maxReceiveBytes = 4 * 1024 * 1024,
  } = settings;
  assertInteger('keepReplacedMs', keepReplacedMs, 0);
  assertInteger('retryMaxAttempts', retryMaxAttempts, 2, 5);
  assertInteger('keepaliveTimeMs', keepaliveTimeMs, 100);
  assertInteger('keepaliveTimeoutMs', keepaliveTimeoutMs, 50);
  assertInteger('reconnectInitialMs', reconnectInitialMs, 10);
  assertInteger('reconnectMaxMs', reconnectMaxMs, reconnectInitialMs);
  assertInteger('maxReceiveBytes', maxReceiveBytes, 1_024);
  const names = [...retryMethods].map(methodName);
  const spreading = policyOf(loadBalancing);
  const child = outlierDetection === false ? spreading : outlierPolicy(outlierDetection, spreading);
  const serviceConfig = {
    loadBalancingConfig: [
      { [discoveryPolicyName]: { child, keepReplacedMs } satisfies DiscoveryLoadBalancingJson },
    ],
    methodConfig:
      names.length === 0
        ? []
        : [
            {
              name: names,
              retryPolicy: {
                maxAttempts: retryMaxAttempts,
                initialBackoff: '0.01s',
                maxBackoff: '0.2s',
                backoffMultiplier: 3,
                retryableStatusCodes: ['UNAVAILABLE'],
              },
            },
          ],
    // When most calls fail, sending them again only adds load (gRFC A6).
    retryThrottling: { maxTokens: 100, tokenRatio: 0.1 },
  };
  const options: ChannelOptions = {
    'grpc.service_config': JSON.stringify(serviceConfig),
    'grpc.service_config_disable_resolution': 1,
    'grpc.keepalive_time_ms': keepaliveTimeMs,
    'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
    'grpc.initial_reconnect_backoff_ms': reconnectInitialMs,
    'grpc.max_reconnect_backoff_ms': reconnectMaxMs,
    'grpc.max_receive_message_length': maxReceiveBytes,
    // With http_proxy in the environment grpc-js would call the proxy and never build the resolver.
    'grpc.enable_http_proxy': 0,
    // Never idle: the next call after a quiet night would wait for a connection. Infinity fires at once.
    'grpc.client_idle_timeout_ms': 2 ** 31 - 1,
    ...overrides,
  };
  assertServiceConfig(options['grpc.service_config'] ?? '{}');
  return options;
}

function methodName(path: string): { service: string; method: string } {
  const [, service, method] = /^\/?([\w.]+)\/(\w+)$/.exec(path) ?? [];
  if (!service || !method) {
    throw new DiscoveryError('INVALID_OPTION', `retryMethods has "${path}"; write package.Service/Method`);
  }
  return { service, method };
}
