import { assertTls, type RegistryTls } from '../backend/registry-url-options.js';
import type { DiscoveryError } from '../model/errors.js';
import { assertInteger, invalidOption } from '../model/invalid-option.js';
import { type ConsulFormat, type ConsulFormatName, consulFormats } from './formats.js';

/** How Consul tells a living instance from a dead one. */
export type ConsulCheck =
  /** We say that we live, every third of `ttlMs`. Proves life also where the agent cannot reach the instance. */
  | { readonly kind: 'ttl' }
  /** The agent calls `grpc.health.v1.Health/Check` at the instance's own address: proves identity as well. */
  | (Probe & { readonly kind: 'grpc'; readonly service?: string; readonly tls?: boolean })
  /** The agent GETs `path` (default `/healthz`) at the instance's host, at `port` (default its own). */
  | (Probe & {
      readonly kind: 'http';
      readonly path?: string;
      readonly port?: number;
      readonly tls?: boolean;
    })
  /** The agent opens a connection to the instance's own address. */
  | (Probe & { readonly kind: 'tcp' });

interface Probe {
  /** Default 5,000 ms. */
  readonly intervalMs?: number;
  /** Default 2,000 ms. */
  readonly timeoutMs?: number;
}

export interface ConsulOptions {
  /** The agent of this host or pod, not a load balancer before many: ids belong to one agent. Default `127.0.0.1`. */
  readonly host?: string;
  /** Its HTTP(S) port. Default 8500. */
  readonly port?: number;
  /** `true` for HTTPS with Node's authorities. Default `false`. */
  readonly tls?: boolean | RegistryTls;
  /**
   * ACL token. To register it needs `service:write` on the name, to watch `service:read`, and for both `node:read`
   * (without it Consul leaves the instances out of its answers).
   */
  readonly token?: string;
  /** Data centre to watch. Default: the agent's, which is also where instances are registered. Example `eu-1`. */
  readonly datacenter?: string;
  /** Consul Enterprise: sent as `X-Consul-Namespace`. */
  readonly namespace?: string;
  /** How records are written, for readers of other systems. All built-in formats are read. Default `rollcall`. */
  readonly format?: ConsulFormatName | ConsulFormat;
  /** Default `{ kind: 'ttl' }`. */
  readonly check?: ConsulCheck;
  /**
   * An instance that was not heard of for so long is critical, in ms. Default 10,000: three beats fit in, so that one may
   * get lost, and a dead instance is listed no longer than connections take to notice by themselves. At least 1,000.
   */
  readonly ttlMs?: number;
  /**
   * Consul removes a record that was critical for so long, in ms; 0 for never. Default 60,000, which is also the least that
   * Consul does (it takes up to 30 s more). This is cleaning, not failover: critical records are not listed anyway.
   */
  readonly deregisterCriticalAfterMs?: number;
  /** How long the agent may hold a watch without news, in ms, 1,000 to 12,000 so that silence is noticed within 15 s. Default 10,000. */
  readonly waitMs?: number;
  /** Lets any server answer a watch, so that it works without a leader. Default `true`. */
  readonly stale?: boolean;
  /** Deadline of every other request, in ms, 100 to 2,000. Default 2,000. */
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
    format: formatNamed(options.format),
  };
  if (typeof settings.host !== 'string' || !/^[\w.:-]+$/.test(settings.host)) {
    throw invalid('host', settings.host, 'use a host name or an IP address, without scheme or port');
  }
  inRange('port', settings.port, 1, 65_535);
  inRange('ttlMs', settings.ttlMs, 1_000, 86_400_000);
  inRange('waitMs', settings.waitMs, 1_000, 12_000);
  inRange('requestTimeoutMs', settings.requestTimeoutMs, 100, 2_000);
  inRange('deregisterCriticalAfterMs', settings.deregisterCriticalAfterMs, 0, 2_592_000_000);
  if (typeof settings.stale !== 'boolean') throw invalid('stale', settings.stale, 'use true or false');
  for (const name of ['datacenter', 'namespace'] as const) {
    const value = settings[name];
    if (value !== undefined && !/^[\w-]+$/.test(value))
      throw invalid(name, value, 'use letters, digits, "_" and "-"');
  }
  // Never echoed: it is a secret.
  if (settings.token !== undefined && !/^[\x21-\x7e]+$/.test(settings.token)) {
    throw invalid('token', '***', 'use printable ASCII without spaces');
  }
  assertTls('consul', settings.tls);
  checkProbe(settings.check);
  return settings;
}

const checkKinds = ['ttl', 'grpc', 'http', 'tcp'];

function checkProbe(check: ConsulCheck): void {
  if (!checkKinds.includes(check.kind))
    throw invalid('check.kind', check.kind, `use one of ${checkKinds.join(', ')}`);
  if (check.kind === 'ttl') return;
  inRange('check.intervalMs', check.intervalMs ?? 5_000, 1_000, 3_600_000);
  inRange('check.timeoutMs', check.timeoutMs ?? 2_000, 100, 3_600_000);
  if (check.kind !== 'http') return;
  if (check.port !== undefined) inRange('check.port', check.port, 1, 65_535);
  if (check.path !== undefined && !check.path.startsWith('/'))
    throw invalid('check.path', check.path, 'start it with "/"');
}

function formatNamed(format: ConsulFormatName | ConsulFormat = 'rollcall'): ConsulFormat {
  if (typeof format === 'object') return format;
  if (Object.hasOwn(consulFormats, format)) return consulFormats[format];
  throw invalid('format', format, `use a ConsulFormat or one of ${Object.keys(consulFormats).join(', ')}`);
}

function inRange(name: string, value: number, min: number, max: number): void {
  assertInteger(`consul ${name}`, value, min, max);
}

function invalid(name: string, value: unknown, advice: string): DiscoveryError {
  return invalidOption(`consul ${name}`, value, advice);
}
