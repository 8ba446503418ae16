import type { RegistryOptions } from '@rollcall/discovery';

export interface ServiceDiscoveryModuleOptions extends Omit<RegistryOptions, 'log'> {
  /** The registry: `consul://127.0.0.1:8500`, `etcd://h1:2379,h2:2379`, `file:///run/rollcall`. Default: a directory of this machine. */
  readonly url?: string;
}
