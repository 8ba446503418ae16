import {
  invalidUrl,
  parseUrlBoolean,
  parseUrlInteger,
  readUrlOptions,
  type UrlParameters,
} from '../backend/backend-options.js';
import type { RegistryUrl } from '../model/registry-url.js';
import type { SrvOptions } from './options.js';

const parameters: UrlParameters<SrvOptions> = {
  family: (value) => ({ family: parseUrlInteger(value) as 4 | 6 }),
  minIntervalMs: (value) => ({ minIntervalMs: parseUrlInteger(value) }),
  maxIntervalMs: (value) => ({ maxIntervalMs: parseUrlInteger(value) }),
  requestTimeoutMs: (value) => ({ requestTimeoutMs: parseUrlInteger(value) }),
  serviceConfig: (value) => ({ serviceConfig: parseUrlBoolean(value) }),
};

/** @throws {DiscoveryError} INVALID_TARGET for an unsupported part, INVALID_OPTION for an invalid value. */
export function srvOptionsOf(url: RegistryUrl): SrvOptions {
  const { hosts, path, tls, username, password } = url;
  if (tls) throw invalidUrl(url, 'suffix "+tls"', 'use srv://, DNS is asked over UDP and TCP');
  if (username !== undefined || password !== undefined)
    throw invalidUrl(url, 'user or password', 'use srv://host:port, DNS has no credentials');
  const names = path.slice(1);
  return {
    servers: hosts,
    ...(names !== '' && { names: names.split(',') }),
    ...readUrlOptions(url, parameters),
  };
}
