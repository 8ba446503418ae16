import { isIP } from 'node:net';
import { isLegacyAddress } from '../model/host.js';
import { assertInteger, invalidOption } from '../model/invalid-option.js';

export interface DnsServer {
  readonly host: string;
  /** Default 53. */
  readonly port?: number;
}

export interface SrvOptions {
  /** The DNS servers, in the order in which they are asked: `{ host: '127.0.0.1', port: 8600 }`. Default: those of the system. */
  readonly servers?: readonly DnsServer[];
  /**
   * The DNS names of a service; `{service}` stands for its name. The records of all of them count together. A service whose name
   * has a dot is looked up under this very name. All names are absolute: no search domain is appended. Default `{service}`.
   * @example ['{service}.service.consul', '{service}.service.dc2.consul']
   * @example ['_grpc._tcp.{service}.example.org']
   */
  readonly names?: readonly string[];
  /** The preferred version of IP. The addresses of the other one are used for targets that have none of this. Default 4. */
  readonly family?: 4 | 6;
  /**
   * The shortest interval between two lookups of a service, in ms, whatever the TTL and however many hints come; the first delay
   * after a failed lookup, which doubles up to five times this. Default 1,000, at least 10.
   */
  readonly minIntervalMs?: number;
  /**
   * The longest interval between two lookups, in ms, for records with a longer TTL. Default 10,000: with a longer one, a DNS server
   * that is unavailable is noticed later than within 15 s.
   */
  readonly maxIntervalMs?: number;
  /**
   * A server that has not answered for this time, in ms, is asked again, or the next one is. A lookup fails after five times
   * this. Default 1,000; 100 to 2,000.
   */
  readonly requestTimeoutMs?: number;
  /**
   * Whether gRPC clients take timeouts and retries of methods from DNS: from the TXT record `grpc_config=[...]` of
   * `_grpc_config.<name>` (gRFC A2). The load-balancing policy stays that of the channel. Default false: with it,
   * write access to the DNS zone decides how every client calls.
   */
  readonly serviceConfig?: boolean;
}

export type SrvSettings = Omit<Required<SrvOptions>, 'servers'> & {
  readonly servers: readonly Required<DnsServer>[];
};

export const defaultDnsPort = 53;

/** @throws {DiscoveryError} INVALID_OPTION, echoing the value. */
export function srvSettings(options: SrvOptions): SrvSettings {
  const settings = {
    names: ['{service}'],
    family: 4 as const,
    minIntervalMs: 1_000,
    maxIntervalMs: 10_000,
    requestTimeoutMs: 1_000,
    serviceConfig: false,
    ...options,
    servers: (options.servers ?? []).map(({ host, port = defaultDnsPort }) => ({ host, port })),
  };
  for (const { host, port } of settings.servers) {
    if (typeof host !== 'string' || (!isIP(host) && (!/^[\w.-]+$/.test(host) || isLegacyAddress(host))))
      throw invalidOption('srv host', host, 'use a host name or an IP address, without scheme or port');
    assertInteger('srv port', port, 1, 65_535);
  }
  if (settings.names.length === 0) throw invalidOption('srv names', [], 'use at least one');
  for (const name of settings.names) {
    if (!name.includes('{service}') || !isDnsName(name.replaceAll('{service}', 'service')))
      throw invalidOption(
        'srv name',
        name,
        'use a DNS name with {service}, such as {service}.service.consul',
      );
  }
  if (settings.family !== 4 && settings.family !== 6)
    throw invalidOption('srv family', settings.family, 'use 4 or 6');
  assertInteger('srv minIntervalMs', settings.minIntervalMs, 10, 3_600_000);
  assertInteger('srv maxIntervalMs', settings.maxIntervalMs, settings.minIntervalMs, 86_400_000);
  assertInteger('srv requestTimeoutMs', settings.requestTimeoutMs, 100, 2_000);
  if (typeof settings.serviceConfig !== 'boolean')
    throw invalidOption('srv serviceConfig', settings.serviceConfig, 'use true or false');
  return settings;
}

/** Labels of letters, digits, `-` and `_`, of at most 63 characters each and 253 together. */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && /^[\w-]{1,63}(?:\.[\w-]{1,63})*$/.test(name);
}
