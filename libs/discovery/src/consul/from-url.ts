import type { Backend } from '../backend/backend.js';
import {
  invalidUrl,
  parseUrlInteger,
  readUrlOptions,
  type UrlParameters,
} from '../backend/backend-options.js';
import type { RegistryUrl } from '../model/registry-url.js';
import { consulBackend } from './backend.js';
import type { ConsulFormatName } from './formats.js';
import type { ConsulCheck, ConsulOptions } from './options.js';

const parameters: UrlParameters<ConsulOptions> = {
  token: (token) => ({ token }),
  dc: (datacenter) => ({ datacenter }),
  ns: (namespace) => ({ namespace }),
  format: (format) => ({ format: format as ConsulFormatName }),
  check: (kind) => ({ check: { kind } as ConsulCheck }),
  stale: (value) => ({ stale: value === 'true' || (value === 'false' ? false : (value as never)) }),
  ttlMs: (value) => ({ ttlMs: parseUrlInteger(value) }),
  waitMs: (value) => ({ waitMs: parseUrlInteger(value) }),
  requestTimeoutMs: (value) => ({ requestTimeoutMs: parseUrlInteger(value) }),
  deregisterCriticalAfterMs: (value) => ({ deregisterCriticalAfterMs: parseUrlInteger(value) }),
};

/**
 * `consul://127.0.0.1:8500?dc=eu&ttlMs=15000`, `consul+tls://:token@agent:8501?ca=/etc/consul/ca.pem`
 * @throws {DiscoveryError} INVALID_TARGET for an unsupported part, INVALID_OPTION for an invalid value.
 */
export function consulFromUrl(url: RegistryUrl): Backend {
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
  return consulBackend({ ...agent, ...token, ...readUrlOptions(url, parameters) });
}
