import { DiscoveryError } from '../model/errors.js';
import { type FormatName, formats } from './formats/index.js';

export interface EtcdTls {
  /** PEM of the authorities that may have signed the members' certificates. Default: those Node knows. */
  readonly ca?: string | Buffer;
  /** PEM of our certificate and its key, for members that verify their clients (`--client-cert-auth`). */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** The name the members' certificates must carry. Default: the host of each. */
  readonly serverName?: string;
}

export interface EtcdOptions {
  /**
   * Members of one cluster, as `host:port`; the port is 2379 by default, an IPv6 address stands in brackets. One is used
   * until it fails, then the next. Default `['127.0.0.1:2379']`.
   */
  readonly hosts?: readonly string[];
  /** For a cluster with authentication. Needs read and write rights on the prefix. */
  readonly username?: string;
  readonly password?: string;
  /** `true` for TLS with Node's authorities. Default `false`. */
  readonly tls?: boolean | EtcdTls;
  /**
   * What our records look like, and those we read. The default, `grpc`, is what gRPC's own etcd resolver reads, so that
   * every grpc-go client finds our instances; take another one to join a registry that another system already fills.
   * `plain` and `go-zero` carry an address and nothing else.
   */
  readonly format?: FormatName;
  /** Before `<service>/<name>` in each key; ends with "/". Default: where the format's own system looks (`grpc`: ''). */
  readonly prefix?: string;
  /** What the last part of a key is. Default: as the format's own system has it (`grpc`: the instance's id). */
  readonly keyedBy?: 'id' | 'address';
  /**
   * An instance that was not heard of for so long is removed by etcd, which may take half a second more. Default 10,000:
   * three beats fit in. Whole seconds, because that is what etcd counts in; at least 2,000, which is what it makes of less.
   */
  readonly ttlMs?: number;
  /** Deadline of every request, in ms, 100 to 2,000. Default 2,000. */
  readonly requestTimeoutMs?: number;
}

export type EtcdSettings = Required<Omit<EtcdOptions, 'username' | 'password'>> &
  Pick<EtcdOptions, 'username' | 'password'>;

const hostShape = /^(?:\[[0-9a-f:.%\w]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?$/i;
const defaultPort = 2379;

/** @throws {DiscoveryError} INVALID_OPTION, echoing the value. */
export function etcdSettings(options: EtcdOptions): EtcdSettings {
  const {
    format = 'grpc',
    hosts = ['127.0.0.1'],
    tls = false,
    ttlMs = 10_000,
    requestTimeoutMs = 2_000,
  } = options;
  if (!Object.hasOwn(formats, format)) {
    throw invalid('format', format, `use one of ${Object.keys(formats).join(', ')}`);
  }
  const { prefix = formats[format].prefix, keyedBy = formats[format].keyedBy } = options;
  if (!Array.isArray(hosts) || hosts.length === 0) throw invalid('hosts', hosts, 'name at least one');
  if (typeof prefix !== 'string' || (prefix !== '' && !prefix.endsWith('/'))) {
    throw invalid('prefix', prefix, 'end it with "/"; without, "shop" finds the keys of "shop2", too');
  }
  if (keyedBy !== 'id' && keyedBy !== 'address') throw invalid('keyedBy', keyedBy, 'use "id" or "address"');
  if (!Number.isInteger(ttlMs / 1_000) || ttlMs < 2_000 || ttlMs > 86_400_000) {
    throw invalid('ttlMs', ttlMs, 'use whole seconds from 2000 to 86400000');
  }
  if (!Number.isInteger(requestTimeoutMs) || requestTimeoutMs < 100 || requestTimeoutMs > 2_000) {
    throw invalid('requestTimeoutMs', requestTimeoutMs, 'use an integer from 100 to 2000');
  }
  const { username, password } = options;
  if ((username === undefined) !== (password === undefined)) {
    throw invalid('username', username, 'give username and password together');
  }
  if (typeof tls === 'object' && (tls.cert === undefined) !== (tls.key === undefined)) {
    throw invalid('tls', Object.keys(tls), 'give cert and key together');
  }
  return {
    format,
    hosts: hosts.map(withPort),
    tls,
    ttlMs,
    requestTimeoutMs,
    prefix,
    keyedBy,
    ...(username !== undefined && password !== undefined && { username, password }),
  };
}

function withPort(host: unknown): string {
  const shape = typeof host === 'string' ? hostShape.exec(host) : null;
  const port = Number(shape?.groups?.['port'] ?? defaultPort);
  if (!shape || port < 1 || port > 65_535) throw invalid('hosts', host, 'write host:port');
  return shape.groups?.['port'] === undefined ? `${host}:${port}` : String(host);
}

function invalid(name: string, value: unknown, wayOut: string): DiscoveryError {
  return new DiscoveryError(
    'INVALID_OPTION',
    `etcd: ${name} ${JSON.stringify(value) ?? String(value)} is not usable; ${wayOut}`,
  );
}
