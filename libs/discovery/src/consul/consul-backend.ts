import Consul from 'consul';
import type { Backend } from '../backend/backend.js';
import type { RegistryUrl } from '../model/registry-url.js';
import { ConsulBackend } from './backend.js';
import { consulOptionsOf } from './from-url.js';
import { type ConsulOptions, consulSettings } from './options.js';

/**
 * A registry in Consul 1.8 or newer, through the agent of this host.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function consulBackend(options: ConsulOptions = {}): Backend {
  return new ConsulBackend(Consul, consulSettings(options));
}

/**
 * `consul://127.0.0.1:8500?dc=eu&ttlMs=15000`, `consul+tls://:token@agent:8501?ca=/etc/consul/ca.pem`
 * @throws {DiscoveryError} INVALID_TARGET for an unsupported part, INVALID_OPTION for an invalid value.
 */
export function consulFromUrl(url: RegistryUrl): Backend {
  return consulBackend(consulOptionsOf(url));
}
