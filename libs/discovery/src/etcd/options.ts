import { DiscoveryError } from '../errors.js';

export interface EtcdOptions {
  /** `host:port` of the members. Each attempt takes one of them at random. */
  readonly hosts: readonly string[];
  readonly username?: string;
  readonly password?: string;
  /** TLS, with certificates in PEM. `{}` trusts the system's authorities. */
  readonly tls?: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  /** Stands before every key; empty or ending with a slash. Default empty: the keys that grpc-go's etcd resolver reads. */
  readonly prefix?: string;
  /**
   * Time to live of a record, in ms: how long an instance that died stays in the list. At least 2,000, the shortest
   * lease that etcd grants; whole seconds. Default 10,000.
   */
  readonly ttlMs?: number;
  /** How long one request may take, in ms. Default 2,000. */
  readonly requestTimeoutMs?: number;
}

export type CheckedEtcdOptions = Required<Omit<EtcdOptions, 'username' | 'password' | 'tls'>> & EtcdOptions;

/** @throws {DiscoveryError} INVALID_OPTION, echoing the value (never a password). */
export function checkEtcdOptions(options: EtcdOptions): CheckedEtcdOptions {
  const { hosts, username, password, prefix = '', ttlMs = 10_000, requestTimeoutMs = 2_000 } = options;
  if (hosts.length === 0 || hosts.some((host) => !/^[^:/\s]+:\d+$|^\[[^\]]+\]:\d+$/.test(host))) {
    throw invalid('hosts', hosts, 'name at least one member as host:port');
  }
  if ((username === undefined) !== (password === undefined)) {
    throw invalid('username', username, 'give username and password, or neither');
  }
  if (prefix !== '' && !prefix.endsWith('/')) throw invalid('prefix', prefix, 'end it with a slash');
  if (!Number.isInteger(ttlMs / 1_000) || ttlMs < 2_000) {
    throw invalid('ttlMs', ttlMs, 'use whole seconds, 2,000 ms or more: etcd grants no shorter lease');
  }
  if (!Number.isInteger(requestTimeoutMs) || requestTimeoutMs < 50) {
    throw invalid('requestTimeoutMs', requestTimeoutMs, 'use 50 ms or more');
  }
  return { ...options, prefix, ttlMs, requestTimeoutMs };
}

function invalid(option: string, value: unknown, wayOut: string): DiscoveryError {
  return new DiscoveryError('INVALID_OPTION', `${option} ${JSON.stringify(value)} is not usable; ${wayOut}`);
}
