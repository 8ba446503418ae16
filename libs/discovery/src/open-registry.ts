import { pathToFileURL } from 'node:url';
import type { Backend } from './backend/backend.js';
import { defaultRegistryDirectory } from './environment.js';
import { DiscoveryError } from './model/errors.js';
import { parseRegistryUrl, redactUrl, type RegistryUrl } from './model/registry-url.js';
import { Registry, type RegistryOptions } from './registry.js';

/** Opens the backend that a registry URL names. */
export type BackendFromUrl = (url: RegistryUrl) => Backend | Promise<Backend>;

export interface OpenRegistryOptions extends RegistryOptions {
  /**
   * Backends of other schemes, by scheme; one of ours may be replaced.
   * @example openRegistry('zookeeper://h1', { backends: { zookeeper: (url) => zookeeperBackend(url.hosts) } })
   */
  readonly backends?: Readonly<Record<string, BackendFromUrl>>;
}

/** Loaded on demand: the packages behind them are optional peers. */
const builtInBackends: Readonly<Record<string, BackendFromUrl>> = {
  consul: async (url) => (await import('./consul/open-consul.js')).openConsul(url),
  etcd: async (url) => (await import('./etcd/open-etcd.js')).openEtcd(url),
  srv: async (url) => (await import('./srv/open-srv.js')).openSrv(url),
  file: async (url) => (await import('./file/index.js')).fileFromUrl(url),
};

/** The schemes that {@link openRegistry} knows by itself. */
export const registrySchemes: readonly string[] = Object.keys(builtInBackends);

/** The default registry: a directory for each user of a machine. It needs no server. */
export const defaultRegistryUrl = pathToFileURL(defaultRegistryDirectory()).href;

/**
 * Opens a registry by its URL: `consul://host:8500?dc=eu`, `etcd://user:password@h1:2379,h2:2379/?prefix=shop/`,
 * `srv://127.0.0.1:8600/{service}.service.consul`, `file:///run/rollcall`. Does not wait for the registry: one that is
 * unavailable now is used as soon as it is reachable.
 * @throws {DiscoveryError} INVALID_TARGET or INVALID_OPTION for an invalid URL; MISSING_PEER when the package behind the
 *   scheme is not installed.
 */
export async function openRegistry(
  url: string = defaultRegistryUrl,
  { backends, ...options }: OpenRegistryOptions = {},
): Promise<Registry> {
  const known = { ...builtInBackends, ...backends };
  const parsed = parseRegistryUrl(url);
  const open = Object.hasOwn(known, parsed.scheme) ? known[parsed.scheme] : undefined;
  if (!open) {
    throw new DiscoveryError(
      'INVALID_TARGET',
      `invalid registry URL ${JSON.stringify(redactUrl(url))}: unknown scheme "${parsed.scheme}"; use one of ${Object.keys(known).join(', ')}, or pass its backend to openRegistry`,
    );
  }
  return new Registry(await open(parsed), options);
}
