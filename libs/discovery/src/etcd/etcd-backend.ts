import * as etcd3 from 'etcd3';
import type { Backend } from '../backend/backend.js';
import type { RegistryUrl } from '../model/registry-url.js';
import { EtcdBackend } from './backend.js';
import { etcdOptionsOf } from './from-url.js';
import { type EtcdOptions, etcdSettings } from './options.js';

/**
 * A registry in etcd 3.4 or newer.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function etcdBackend(options: EtcdOptions = {}): Backend {
  return new EtcdBackend(etcd3, etcdSettings(options));
}

/**
 * `etcd://user:password@h1:2379,h2:2379/?prefix=shop/&ttlMs=5000`, `etcd+tls://h1?ca=/etc/etcd/ca.pem`
 * @throws {DiscoveryError} INVALID_TARGET for an unsupported part, INVALID_OPTION for an invalid value.
 */
export function etcdFromUrl(url: RegistryUrl): Backend {
  return etcdBackend(etcdOptionsOf(url));
}
