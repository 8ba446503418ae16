import { readFileSync } from 'node:fs';
import type { Backend } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import { addressOf } from '../model/instance.js';
import type { RegistryUrl } from '../model/registry-url.js';
import { etcdBackend } from './backend.js';
import type { EtcdOptions } from './options.js';

/** What may stand in the query of an `etcd://` URL, and what it sets. Values are checked by `etcdBackend`. */
const parameters: Readonly<Record<string, (value: string) => EtcdOptions>> = {
  prefix: (prefix) => ({ prefix }),
  format: (format) => ({ format: format as NonNullable<EtcdOptions['format']> }),
  keyedBy: (keyedBy) => ({ keyedBy: keyedBy as NonNullable<EtcdOptions['keyedBy']> }),
  ttlMs: (value) => ({ ttlMs: Number(value) }),
  requestTimeoutMs: (value) => ({ requestTimeoutMs: Number(value) }),
};

/** Paths of PEM files, for `etcd+tls://`. */
const tlsFiles = ['ca', 'cert', 'key'] as const;

/**
 * `etcd://user:password@h1:2379,h2:2379/?prefix=shop/&ttlMs=5000`, `etcd+tls://h1?ca=/etc/etcd/ca.pem`
 * @throws {DiscoveryError} INVALID_TARGET for what has no place in such a URL, INVALID_OPTION for a value.
 */
export function etcdFromUrl(url: RegistryUrl): Backend {
  if (url.path.length > 1) {
    throw invalid(`path "${url.path}"`, `write etcd://host:port/?prefix=${url.path.slice(1)}`);
  }
  const { hosts, username, password } = url;
  let options: EtcdOptions = {
    ...(hosts.length > 0 && { hosts: hosts.map(addressOf) }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
  const pem: Partial<Record<(typeof tlsFiles)[number], Buffer>> = {};
  for (const [name, value] of url.options) {
    const file = tlsFiles.find((candidate) => candidate === name);
    if (file && url.tls) pem[file] = readPem(name, value);
    else if (Object.hasOwn(parameters, name)) options = { ...options, ...parameters[name]!(value) };
    else if (file) throw invalid(`option "${name}"`, 'certificates need etcd+tls://');
    else throw invalid(`option "${name}"`, `use ${[...Object.keys(parameters), ...tlsFiles].join(', ')}`);
  }
  return etcdBackend({ ...options, ...(url.tls && { tls: pem }) });
}

function readPem(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw DiscoveryError.from(error, 'INVALID_OPTION', `etcd: ${name} "${path}"`);
  }
}

function invalid(what: string, wayOut: string): DiscoveryError {
  return new DiscoveryError('INVALID_TARGET', `an etcd:// URL with ${what} is not usable; ${wayOut}`);
}
