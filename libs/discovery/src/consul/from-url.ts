import {
  invalidUrl,
  parseUrlBoolean,
  parseUrlInteger,
  readUrlOptions,
  type UrlParameters,
} from '../backend/backend-options.js';
import type { RegistryUrl } from '../model/registry-url.js';
import type { ConsulFormatName } from './formats.js';
import type { ConsulCheck, ConsulOptions } from './options.js';

const parameters: UrlParameters<ConsulOptions> = {
  token: (token) => ({ token }),
  dc: (datacenter) => ({ datacenter }),
  ns: (namespace) => ({ namespace }),
  format: (format) => ({ format: format as ConsulFormatName }),
  check: (kind) => ({ check: { kind } as ConsulCheck }),
  stale: (value) => ({ stale: parseUrlBoolean(value) }),
  ttlMs: (value) => ({ ttlMs: parseUrlInteger(value) }),
  waitMs: (value) => ({ waitMs: parseUrlInteger(value) }),
  requestTimeoutMs: (value) => ({ requestTimeoutMs: parseUrlInteger(value) }),
  deregisterCriticalAfterMs: (value) => ({ deregisterCriticalAfterMs: parseUrlInteger(value) }),
};

/** @throws {DiscoveryError} INVALID_TARGET for an unsupported part, INVALID_OPTION for an invalid value. */
export function consulOptionsOf(url: RegistryUrl): ConsulOptions {
  const [agent] = url.hosts;
  if (url.hosts.length > 1) {
    throw invalidUrl(
      url,
      `${url.hosts.length} hosts`,
      'use one agent: service ids are unique only within an agent',
    );
  }
  if (url.username !== undefined) throw invalidUrl(url, 'user name', 'use consul://:token@host for a token');
  if (url.path.length > 1) throw invalidUrl(url, `path "${url.path}"`, 'use consul://host:port?option=value');
  const token = url.password === undefined ? {} : { token: url.password };
  return { ...agent, ...token, ...readUrlOptions(url, parameters) };
}
