import { assertTls, type RegistryTls } from '../backend/registry-url-options.js';
import type { DiscoveryError } from '../model/errors.js';
import { assertInteger, invalidOption } from '../model/invalid-option.js';
import { type EtcdFormat, type EtcdFormatName, etcdFormats } from './formats/index.js';

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
  readonly tls?: boolean | RegistryTls;
  /**
   * How records are written and read. The default, `grpc`, is what gRPC's own etcd resolver reads, so that every grpc-go
   * client finds our instances; use another one to join a registry that another system fills. `plain` and `go-zero` carry an
   * address and nothing else.
   */
  readonly format?: EtcdFormatName | EtcdFormat;
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

export type EtcdSettings = Required<Omit<EtcdOptions, 'username' | 'password' | 'format'>> &
  Pick<EtcdOptions, 'username' | 'password'> & { readonly format: EtcdFormat };

const hostShape = /^(?:\[[0-9a-f:.%\w]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?$/i;
export const defaultPort = 2379;

/** @throws {DiscoveryError} INVALID_OPTION, echoing the value. */
export function etcdSettings(options: EtcdOptions): EtcdSettings {
  const { hosts = ['127.0.0.1'], tls = false, ttlMs = 10_000, requestTimeoutMs = 2_000 } = options;
  const format = formatNamed(options.format);
  const { prefix = format.prefix, keyedBy = format.keyedBy } = options;
  if (!Array.isArray(hosts) || hosts.length === 0) throw invalid('hosts', hosts, 'name at least one');
  if (typeof prefix !== 'string' || (prefix !== '' && !prefix.endsWith('/'))) {
    throw invalid('prefix', prefix, 'end it with "/"; without, "shop" finds the keys of "shop2", too');
  }
  if (keyedBy !== 'id' && keyedBy !== 'address') throw invalid('keyedBy', keyedBy, 'use "id" or "address"');
  if (!Number.isInteger(ttlMs / 1_000) || ttlMs < 2_000 || ttlMs > 86_400_000) {
    throw invalid('ttlMs', ttlMs, 'use whole seconds from 2000 to 86400000');
  }
  assertInteger('etcd requestTimeoutMs', requestTimeoutMs, 100, 2_000);
  const { username, password } = options;
  if ((username === undefined) !== (password === undefined)) {
    throw invalid('username', username, 'use username and password together');
  }
  assertTls('etcd', tls);
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

function formatNamed(format: EtcdFormatName | EtcdFormat = 'grpc'): EtcdFormat {
  if (typeof format === 'object') return format;
  if (Object.hasOwn(etcdFormats, format)) return etcdFormats[format];
  throw invalid('format', format, `use an EtcdFormat or one of ${Object.keys(etcdFormats).join(', ')}`);
}

function invalid(name: string, value: unknown, advice: string): DiscoveryError {
  return invalidOption(`etcd ${name}`, value, advice);
}
