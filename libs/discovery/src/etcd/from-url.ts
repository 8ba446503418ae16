import {
  invalidUrl,
  parseUrlInteger,
  readUrlOptions,
  type UrlParameters,
} from '../backend/backend-options.js';
import { addressOf } from '../model/instance.js';
import type { RegistryUrl } from '../model/registry-url.js';
import type { EtcdFormatName } from './formats/index.js';
import { defaultPort, type EtcdOptions } from './options.js';

const parameters: UrlParameters<EtcdOptions> = {
  prefix: (prefix) => ({ prefix }),
  format: (format) => ({ format: format as EtcdFormatName }),
  keyedBy: (keyedBy) => ({ keyedBy: keyedBy as NonNullable<EtcdOptions['keyedBy']> }),
  ttlMs: (value) => ({ ttlMs: parseUrlInteger(value) }),
  requestTimeoutMs: (value) => ({ requestTimeoutMs: parseUrlInteger(value) }),
};

/** @throws {DiscoveryError} INVALID_TARGET for an unsupported part, INVALID_OPTION for an invalid value. */
export function etcdOptionsOf(url: RegistryUrl): EtcdOptions {
  if (url.path.length > 1) {
    throw invalidUrl(url, `path "${url.path}"`, `use etcd://host:port/?prefix=${url.path.slice(1)}`);
  }
  const { username, password } = url;
  const hosts = url.hosts.map(({ host, port = defaultPort }) => addressOf({ host, port }));
  return {
    ...(hosts.length > 0 && { hosts }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...readUrlOptions(url, parameters),
  };
}
