import type { ServerOptions } from '@grpc/grpc-js';
import { invalidOption } from '../../model/invalid-option.js';

/** How a server treats its connections. */
export interface ConnectionLimits {
  /** After how long without a word from the client it is pinged, in ms, also without calls. Default 30,000. */
  readonly keepaliveTimeMs?: number;
  /** How long the response to a ping may take before the connection is closed, in ms. Default 20,000. */
  readonly keepaliveTimeoutMs?: number;
  /**
   * After how long a connection is closed once its calls have ended, in ms, give or take a tenth (gRFC A9), so that clients
   * behind a proxy connect to new instances, too. Default: never.
   */
  readonly maxAgeMs?: number;
}

/**
 * Options of a grpc-js server that finds clients which are gone: by default, it never does.
 * @throws {DiscoveryError} INVALID_OPTION for anything but positive integers.
 * @example
 * const server = new grpc.Server(serverOptions({ maxAgeMs: 600_000 }));
 */
export function serverOptions(limits: ConnectionLimits = {}): ServerOptions {
  for (const [name, value] of Object.entries(limits)) {
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      throw invalidOption(`connections.${name}`, value, 'use a positive integer, in ms');
  }
  const { keepaliveTimeMs = 30_000, keepaliveTimeoutMs = 20_000, maxAgeMs } = limits;
  return {
    'grpc.keepalive_time_ms': keepaliveTimeMs,
    'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
    ...(maxAgeMs !== undefined && { 'grpc.max_connection_age_ms': maxAgeMs }),
  };
}
