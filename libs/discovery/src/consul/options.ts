import { assertTls, type RegistryTls, resolveFormat } from '../backend/backend-options.js';
import type { DiscoveryError } from '../model/errors.js';
import { assertInteger, invalidOption } from '../model/invalid-option.js';
import { type ConsulFormat, type ConsulFormatName, consulFormats } from './formats.js';

/** How Consul checks whether an instance is alive. */
export type ConsulCheck =
  /** The instance sends a heartbeat every third of `ttlMs`. Works where the agent cannot reach the instance. */
  | { readonly kind: 'ttl' }
  /** The agent calls `grpc.health.v1.Health/Check` at the address of the instance, which also proves its identity. */
  | (Probe & { readonly kind: 'grpc'; readonly service?: string; readonly tls?: boolean })
  /** The agent GETs `path` (default `/healthz`) at the host of the instance, at `port` (default: that of the instance). */
  | (Probe & {
      readonly kind: 'http';
      readonly path?: string;
      readonly port?: number;
      readonly tls?: boolean;
    })
  /** The agent opens a TCP connection to the address of the instance. */
  | (Probe & { readonly kind: 'tcp' });

interface Probe {
  /** Default 5,000 ms. */
  readonly intervalMs?: number;
  /** Default 2,000 ms. */
  readonly timeoutMs?: number;
}

export interface ConsulOptions {
  /** The agent of this host or pod, not a load balancer: service ids belong to one agent. Default `127.0.0.1`. */
  readonly host?: string;
  /** Its HTTP(S) port. Default 8500. */
  readonly port?: number;
  /** `true` for HTTPS with Node's authorities. Default `false`. */
  readonly tls?: boolean | RegistryTls;
  /**
   * ACL token. Registering needs `service:write` on the name, watching `service:read`, and both `node:read` (without it
   * Consul filters the instances).
   */
  readonly token?: string;
  /** Data centre to watch. Default: the agent's, which is also where instances are registered. Example `eu-1`. */
  readonly datacenter?: string;
  /** Consul Enterprise: sent as `X-Consul-Namespace`. */
  readonly namespace?: string;
  /** The format of written records, for readers of other systems. All built-in formats are read. Default `rollcall`. */
  readonly format?: ConsulFormatName | ConsulFormat;
  /** How Consul checks whether an instance is alive. Default `{ kind: 'ttl' }`. */
  readonly check?: ConsulCheck;
  /**
   * An instance without a heartbeat for this time becomes critical, in ms. Default 10,000: three heartbeats, so that one may
   * get lost, and no longer than connections take to detect a dead peer. At least 1,000.
   */
  readonly ttlMs?: number;
  /**
   * Consul removes a record that was critical for this time, in ms, or up to 30 s later; 0 for never. Default 60,000, which is
   * also Consul's minimum. This is cleanup, not failover: critical records are never listed.
   */
  readonly deregisterCriticalAfterMs?: number;
  /** The longest wait of a blocking query, in ms, 1,000 to 12,000 so that an outage is noticed within 15 s. Default 10,000. */
  readonly waitMs?: number;
  /** Lets any server respond to a watch, so that it works without a leader. Default `true`. */
  readonly stale?: boolean;
  /** Deadline of every other request, in ms, 100 to 2,000; the first of a watch gets 2.5 times as much. Default 2,000. */
  readonly requestTimeoutMs?: number;
}

export type ConsulSettings = Required<Omit<ConsulOptions, 'token' | 'datacenter' | 'namespace' | 'format'>> &
  Pick<ConsulOptions, 'token' | 'datacenter' | 'namespace'> & { readonly format: ConsulFormat };

/** @throws {DiscoveryError} INVALID_OPTION, echoing the value. */
export function consulSettings(options: ConsulOptions): ConsulSettings {
  const settings: ConsulSettings = {
    host: '127.0.0.1',
    port: 8500,
    tls: false,
    check: { kind: 'ttl' },
    ttlMs: 10_000,
    deregisterCriticalAfterMs: 60_000,
    waitMs: 10_000,
    stale: true,
    requestTimeoutMs: 2_000,
    ...options,
    format: resolveFormat('consul', options.format ?? 'rollcall', consulFormats),
  };
  if (typeof settings.host !== 'string' || !/^[\w.:-]+$/.test(settings.host)) {
    throw invalid('host', settings.host, 'use a host name or an IP address, without scheme or port');
  }
  assertRange('port', settings.port, 1, 65_535);
  assertRange('ttlMs', settings.ttlMs, 1_000, 86_400_000);
  assertRange('waitMs', settings.waitMs, 1_000, 12_000);
  assertRange('requestTimeoutMs', settings.requestTimeoutMs, 100, 2_000);
  assertRange('deregisterCriticalAfterMs', settings.deregisterCriticalAfterMs, 0, 2_592_000_000);
  if (typeof settings.stale !== 'boolean') throw invalid('stale', settings.stale, 'use true or false');
  for (const name of ['datacenter', 'namespace'] as const) {
    const value = settings[name];
    if (value !== undefined && !/^[\w-]+$/.test(value))
      throw invalid(name, value, 'use letters, digits, "_" and "-"');
  }
  // A secret: never echoed.
  if (settings.token !== undefined && !/^[\x21-\x7e]+$/.test(settings.token)) {
    throw invalid('token', '***', 'use printable ASCII without spaces');
  }
  assertTls('consul', settings.tls);
  assertCheck(settings.check);
  return settings;
}

const checkKinds = ['ttl', 'grpc', 'http', 'tcp'];

function assertCheck(check: ConsulCheck): void {
  if (!checkKinds.includes(check.kind))
    throw invalid('check.kind', check.kind, `use one of ${checkKinds.join(', ')}`);
  if (check.kind === 'ttl') return;
  assertRange('check.intervalMs', check.intervalMs ?? 5_000, 1_000, 3_600_000);
  assertRange('check.timeoutMs', check.timeoutMs ?? 2_000, 100, 3_600_000);
  if (check.kind !== 'http') return;
  if (check.port !== undefined) assertRange('check.port', check.port, 1, 65_535);
  if (check.path !== undefined && !check.path.startsWith('/'))
    throw invalid('check.path', check.path, 'use a path that starts with "/"');
}

function assertRange(name: string, value: number, min: number, max: number): void {
  assertInteger(`consul ${name}`, value, min, max);
}

function invalid(name: string, value: unknown, advice: string): DiscoveryError {
  return invalidOption(`consul ${name}`, value, advice);
}
