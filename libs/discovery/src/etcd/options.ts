import { assertTls, type RegistryTls, resolveFormat } from '../backend/backend-options.js';
import type { DiscoveryError } from '../model/errors.js';
import { assertInteger, invalidOption } from '../model/invalid-option.js';
import { type EtcdFormat, type EtcdFormatName, etcdFormats } from './formats/index.js';

export interface EtcdOptions {
  /**
   * Endpoints of one cluster, as `host:port`, with brackets around an IPv6 address; default port 2379. One is used until it
   * fails, then the next. Default `['127.0.0.1:2379']`.
   */
  readonly hosts?: readonly string[];
  /** For a cluster with authentication. Needs read and write rights on the prefix. */
  readonly username?: string;
  /** Comes with `username`, and is never part of a message. */
  readonly password?: string;
  /** `true` for TLS with Node's authorities. Default `false`. */
  readonly tls?: boolean | RegistryTls;
  /**
   * How records are written and read. The default, `grpc`, is that of gRPC's own etcd resolver, so that every grpc-go client
   * finds our instances. Use another one to join the registry of another system. `plain` and `go-zero` hold only the address.
   */
  readonly format?: EtcdFormatName | EtcdFormat;
  /** Precedes `<service>/<name>` in each key; ends with "/". Default: the prefix of the format (`grpc`: ''). */
  readonly prefix?: string;
  /** The last part of a key. Default: that of the format (`grpc`: the instance's id). */
  readonly keyedBy?: 'id' | 'address';
  /**
   * etcd removes an instance after this time without a heartbeat, in ms, or up to 0.5 s later. Default 10,000: three
   * heartbeats. Whole seconds, as in etcd; at least 2,000, because etcd raises anything less to that.
   */
  readonly ttlMs?: number;
  /** Deadline of every request, in ms, 100 to 2,000; lists and watches get 2.5 times as much. Default 2,000. */
  readonly requestTimeoutMs?: number;
}

export type EtcdSettings = Required<Omit<EtcdOptions, 'username' | 'password' | 'format'>> &
  Pick<EtcdOptions, 'username' | 'password'> & { readonly format: EtcdFormat };

const hostShape = /^(?:\[[0-9a-f:.%\w]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?$/i;
export const defaultPort = 2379;

/** @throws {DiscoveryError} INVALID_OPTION, echoing the value. */
export function etcdSettings(options: EtcdOptions): EtcdSettings {
  const { hosts = ['127.0.0.1'], tls = false, ttlMs = 10_000, requestTimeoutMs = 2_000 } = options;
  const format = resolveFormat('etcd', options.format ?? 'grpc', etcdFormats);
  const { prefix = format.prefix, keyedBy = format.keyedBy } = options;
  if (!Array.isArray(hosts) || hosts.length === 0) throw invalid('hosts', hosts, 'use at least one host');
  if (typeof prefix !== 'string' || (prefix !== '' && !prefix.endsWith('/'))) {
    throw invalid('prefix', prefix, 'end it with "/"; otherwise "shop" also matches the keys of "shop2"');
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
  if (!shape || port < 1 || port > 65_535) throw invalid('hosts', host, 'use host:port');
  return shape.groups?.['port'] === undefined ? `${host}:${port}` : String(host);
}

function invalid(name: string, value: unknown, advice: string): DiscoveryError {
  return invalidOption(`etcd ${name}`, value, advice);
}
