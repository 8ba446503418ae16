import { readFileSync } from 'node:fs';
import type { Backend } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { RegistryUrl } from '../model/registry-url.js';
import { consulBackend } from './backend.js';
import type { FormatName } from './formats.js';
import type { ConsulCheck, ConsulOptions } from './options.js';

/** What may stand in the query of a `consul://` URL, and what it sets. Values are checked by `consulBackend`. */
const parameters: Readonly<Record<string, (value: string) => ConsulOptions>> = {
  token: (token) => ({ token }),
  dc: (datacenter) => ({ datacenter }),
  ns: (namespace) => ({ namespace }),
  format: (format) => ({ format: format as FormatName }),
  check: (kind) => ({ check: { kind } as ConsulCheck }),
  stale: (value) => ({ stale: value === 'true' || (value === 'false' ? false : (value as never)) }),
  ttlMs: (value) => ({ ttlMs: Number(value) }),
  waitMs: (value) => ({ waitMs: Number(value) }),
  requestTimeoutMs: (value) => ({ requestTimeoutMs: Number(value) }),
  deregisterCriticalAfterMs: (value) => ({ deregisterCriticalAfterMs: Number(value) }),
};

/** Paths of PEM files, for `consul+tls://`. */
const tlsFiles = ['ca', 'cert', 'key'] as const;

/**
 * `consul://127.0.0.1:8500?dc=eu&ttlMs=15000`, `consul+tls://:token@agent:8501?ca=/etc/consul/ca.pem`
 * @throws {DiscoveryError} INVALID_TARGET for what has no place in such a URL, INVALID_OPTION for a value.
 */
export function consulFromUrl(url: RegistryUrl): Backend {
  const [agent, ...others] = url.hosts;
  if (others.length > 0) {
    throw invalid(`${url.hosts.length} hosts`, 'name one agent: ids are unique for each agent only');
  }
  if (url.username !== undefined) throw invalid('a user name', 'write a token as consul://:token@host');
  if (url.path.length > 1) throw invalid(`path "${url.path}"`, 'write consul://host:port?option=value');
  let options: ConsulOptions = { ...agent, ...(url.password !== undefined && { token: url.password }) };
  const pem: Partial<Record<(typeof tlsFiles)[number], Buffer>> = {};
  for (const [name, value] of url.options) {
    const file = tlsFiles.find((candidate) => candidate === name);
    if (file && url.tls) pem[file] = readPem(name, value);
    else if (Object.hasOwn(parameters, name)) options = { ...options, ...parameters[name]!(value) };
    else if (file) throw invalid(`option "${name}"`, 'certificates need consul+tls://');
    else throw invalid(`option "${name}"`, `use ${[...Object.keys(parameters), ...tlsFiles].join(', ')}`);
  }
  return consulBackend({ ...options, ...(url.tls && { tls: pem }) });
}

function readPem(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw DiscoveryError.from(error, 'INVALID_OPTION', `consul: ${name} "${path}"`);
  }
}

function invalid(what: string, wayOut: string): DiscoveryError {
  return new DiscoveryError('INVALID_TARGET', `a consul:// URL with ${what} is not usable; ${wayOut}`);
}
