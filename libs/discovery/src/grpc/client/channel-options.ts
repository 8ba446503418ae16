import type { ChannelOptions } from '@grpc/grpc-js';
import { assertInteger, invalidOption } from '../../model/invalid-option.js';
import { connectTimeoutKey, defaultConnectTimeoutMs } from '../balancing/connect-timeout.js';
import type { DiscoveryLoadBalancingJson } from '../balancing/discovery-load-balancing-config.js';
import { type LoadBalancing, policyNames, toLoadBalancingConfig } from '../balancing/load-balancing.js';
import type { OutlierDetection } from '../balancing/outlier-detection.js';
import { passChannel } from '../interceptors/channel-of-call.js';
import { registerPolicies } from '../balancing/register-policies.js';
import { registerStaticResolver } from '../resolver/static-resolver.js';
import { assertServiceConfig } from './service-config.js';

/** Settings of a discovered channel. The defaults lose no call when an instance is lost. */
export interface ChannelSettings {
  /** How calls are distributed over the instances. Default `round_robin`. */
  readonly loadBalancing?: LoadBalancing;
  /** Ejects instances that respond with errors; `false`: off. Default: see {@link OutlierDetection}. */
  readonly outlierDetection?: OutlierDetection | false;
  /**
   * When all connected instances leave the list at once, how long they are still called while no new one is connected,
   * in ms. Default 5,000; 0: not at all.
   */
  readonly keepReplacedMs?: number;
  /** Retries by grpc-js itself, for channels without {@link interceptors}, such as those of nice-grpc. Default none. */
  readonly retryPolicy?: RetryPolicy;
  /**
   * How long a connection with calls in flight may be silent before it is pinged, in ms. Default 300,000: servers in other
   * languages close connections that ping more often (gRFC A8). A connection is also pinged, once, when its instance is
   * suspected to be frozen. If all servers run grpc-js, {@link fastKeepalive} closes it within a second.
   */
  readonly keepaliveTimeMs?: number;
  /** How long the response to a ping may take before the connection is closed, in ms. Default 5,000. */
  readonly keepaliveTimeoutMs?: number;
  /** How long a connection attempt may take, in ms. Default 20,000, as in other gRPC libraries; grpc-js has no limit. */
  readonly connectTimeoutMs?: number;
  /** Delay before the first reconnect, in ms. Default 100. */
  readonly initialReconnectBackoffMs?: number;
  /** Longest delay before a reconnect, in ms. Default 1,000; that of grpc-js is 120,000. */
  readonly maxReconnectBackoffMs?: number;
  /** A larger response fails its call with RESOURCE_EXHAUSTED. Default 4 MiB. */
  readonly maxReceiveMessageBytes?: number;
}

/**
 * A retry policy as in gRFC A6: retries on UNAVAILABLE until a response has begun. {@link interceptors} also retry
 * after that. Use one of them: together they multiply attempts.
 */
export interface RetryPolicy {
  /** Paths, `/package.Service/Method`, of idempotent methods: see the function `idempotentMethods`. */
  readonly methods: Iterable<string>;
  /** Attempts of one call, from 2 to 5. Default 4. */
  readonly maxAttempts?: number;
}

/** Keepalive for servers that all run grpc-js, which accepts frequent pings: a frozen peer costs a second. */
export const fastKeepalive = {
  keepaliveTimeMs: 500,
  keepaliveTimeoutMs: 500,
} as const satisfies ChannelSettings;

/**
 * Channel options for a discovered target. `overrides` have the last word; their service config is validated, too.
 * @throws {DiscoveryError} INVALID_OPTION. grpc-js only logs an invalid policy, at debug level, and falls back to
 *   pick_first: one instance gets every call.
 */
export function channelOptions(
  settings: ChannelSettings = {},
  overrides: ChannelOptions = {},
): ChannelOptions {
  return { callInvocationTransformer: passChannel, ...discoveredChannelOptions(settings, overrides) };
}

/** Without what {@link interceptors} need that do not know their client. */
export function discoveredChannelOptions(
  settings: ChannelSettings = {},
  overrides: ChannelOptions = {},
): ChannelOptions {
  registerPolicies();
  registerStaticResolver();
  const {
    keepaliveTimeMs = 300_000,
    keepaliveTimeoutMs = 5_000,
    connectTimeoutMs = defaultConnectTimeoutMs,
    initialReconnectBackoffMs = 100,
    maxReconnectBackoffMs = 1_000,
    maxReceiveMessageBytes = 4 * 1024 * 1024,
  } = settings;
  assertInteger('keepaliveTimeMs', keepaliveTimeMs, 100);
  assertInteger('keepaliveTimeoutMs', keepaliveTimeoutMs, 50);
  assertInteger('connectTimeoutMs', connectTimeoutMs, 100);
  assertInteger('initialReconnectBackoffMs', initialReconnectBackoffMs, 10);
  assertInteger('maxReconnectBackoffMs', maxReconnectBackoffMs, initialReconnectBackoffMs);
  assertInteger('maxReceiveMessageBytes', maxReceiveMessageBytes, 1_024);
  const options: ChannelOptions = {
    'grpc.service_config': JSON.stringify(serviceConfig(settings)),
    'grpc.service_config_disable_resolution': 1,
    'grpc.keepalive_time_ms': keepaliveTimeMs,
    'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
    [connectTimeoutKey]: connectTimeoutMs,
    'grpc.initial_reconnect_backoff_ms': initialReconnectBackoffMs,
    'grpc.max_reconnect_backoff_ms': maxReconnectBackoffMs,
    'grpc.max_receive_message_length': maxReceiveMessageBytes,
    // With http_proxy in the environment grpc-js would call the proxy and never create the resolver.
    'grpc.enable_http_proxy': 0,
    // Never idle: the first call after an idle period would wait for a connection. Infinity fires at once.
    'grpc.client_idle_timeout_ms': 2 ** 31 - 1,
    ...overrides,
  };
  assertServiceConfig(options['grpc.service_config'] ?? '{}');
  return options;
}

function serviceConfig({
  loadBalancing = 'round_robin',
  outlierDetection = {},
  keepReplacedMs = 5_000,
  retryPolicy,
}: ChannelSettings): object {
  assertInteger('keepReplacedMs', keepReplacedMs, 0);
  const child = toLoadBalancingConfig(loadBalancing, outlierDetection);
  return {
    loadBalancingConfig: [
      { [policyNames.discovery]: { child, keepReplacedMs } satisfies DiscoveryLoadBalancingJson },
    ],
    methodConfig: retryPolicy ? [toMethodConfig(retryPolicy)] : [],
    // Limits the load that retries add when most calls fail (gRFC A6).
    retryThrottling: { maxTokens: 100, tokenRatio: 0.1 },
  };
}

function toMethodConfig({ methods, maxAttempts = 4 }: RetryPolicy): object {
  assertInteger('retryPolicy.maxAttempts', maxAttempts, 2, 5);
  return {
    name: [...methods].map(toMethodName),
    retryPolicy: {
      maxAttempts,
      initialBackoff: '0.01s',
      maxBackoff: '0.2s',
      backoffMultiplier: 3,
      retryableStatusCodes: ['UNAVAILABLE'],
    },
  };
}

function toMethodName(path: string): { service: string; method: string } {
  const [, service, method] = /^\/?([\w.]+)\/(\w+)$/.exec(path) ?? [];
  if (!service || !method) throw invalidOption('retryPolicy.methods', path, 'use package.Service/Method');
  return { service, method };
}
