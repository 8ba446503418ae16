import type { ChannelOptions } from '@grpc/grpc-js';
import { DiscoveryError } from '../errors.js';
import { assertInteger } from './assert-integer.js';

/** What a discovered channel needs. Every default is chosen so that the loss of an instance costs no call. */
export interface ChannelSettings {
  /**
   * Methods that may be sent again on UNAVAILABLE as long as no response has begun, each `package.Service/Method`.
   * Only idempotent ones belong here: see `idempotentMethods`. Default none.
   */
  readonly retryMethods?: Iterable<string>;
  /** Attempts of those methods in all, from 2 to 5 (gRFC A6). Default 4. */
  readonly retryMaxAttempts?: number;
  /**
   * How long a connection with calls on it may be silent before it is asked for a sign of life, in ms. Default
   * 300,000: servers in other languages close connections that ask more often (gRFC A8). Where every server is ours,
   * {@link watchful} finds a frozen peer within a second.
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
export const watchful = { keepaliveTimeMs: 500, keepaliveTimeoutMs: 500 } as const satisfies ChannelSettings;

/**
 * Channel options for a discovered target.
 * @throws {DiscoveryError} INVALID_OPTION. grpc-js itself only logs a wrong policy, at debug level, and falls back to
 *   pick_first: one instance gets everything.
 */
export function channelOptions(settings: ChannelSettings = {}): ChannelOptions {
  const {
    retryMethods = [],
    retryMaxAttempts = 4,
    keepaliveTimeMs = 300_000,
    keepaliveTimeoutMs = 5_000,
    reconnectInitialMs = 100,
    reconnectMaxMs = 1_000,
    maxReceiveBytes = 4 * 1024 * 1024,
  } = settings;
  assertInteger('retryMaxAttempts', retryMaxAttempts, 2, 5);
  assertInteger('keepaliveTimeMs', keepaliveTimeMs, 100);
  assertInteger('keepaliveTimeoutMs', keepaliveTimeoutMs, 50);
  assertInteger('reconnectInitialMs', reconnectInitialMs, 10);
  assertInteger('reconnectMaxMs', reconnectMaxMs, reconnectInitialMs);
  assertInteger('maxReceiveBytes', maxReceiveBytes, 1_024);
  const names = [...retryMethods].map(methodName);
  const serviceConfig = {
    loadBalancingConfig: [{ round_robin: {} }],
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
  return {
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
  };
}

function methodName(path: string): { service: string; method: string } {
  const [, service, method] = /^\/?([\w.]+)\/(\w+)$/.exec(path) ?? [];
  if (!service || !method) {
    throw new DiscoveryError('INVALID_OPTION', `retryMethods has "${path}"; write package.Service/Method`);
  }
  return { service, method };
}
