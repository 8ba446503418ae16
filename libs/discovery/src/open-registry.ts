import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from './backend/backend.js';
import { DiscoveryError } from './model/errors.js';
import { Registry, type RegistryOptions } from './registry.js';
import { parseRegistryUrl, redactUrl, type RegistryUrl } from './model/registry-url.js';

/** How each scheme's backend is had. Loaded when asked for: the packages behind them are optional peers. */
const backends: Readonly<Record<string, (url: RegistryUrl) => Promise<Backend>>> = {
  consul: async (url) => (await import('./consul/index.js')).consulFromUrl(url),
  etcd: async (url) => (await import('./etcd/index.js')).etcdFromUrl(url),
  file: async (url) => (await import('./file/index.js')).fileFromUrl(url),
};

/** The registry of one user on one machine, which needs no server: what is used where no other is named. */
export const defaultRegistryUrl = `file://${join(tmpdir(), `rollcall-${process.getuid?.() ?? 'user'}`)}`;

/**
 * Opens a registry by its URL: `consul://host:8500?dc=eu`, `etcd://user:password@h1:2379,h2:2379/?prefix=shop/`,
 * `file:///run/rollcall`. Does not wait for it: a registry that is away now is found when it comes.
 * @throws {DiscoveryError} INVALID_TARGET or INVALID_OPTION for a URL that cannot be meant; MISSING_PEER when the
 *   package behind the scheme is not installed.
 */
export async function openRegistry(
  url: string = defaultRegistryUrl,
  options: RegistryOptions = {},
): Promise<Registry> {
  const parsed = parseRegistryUrl(url);
  const open = Object.hasOwn(backends, parsed.scheme) ? backends[parsed.scheme] : undefined;
  if (!open) {
    throw new DiscoveryError(
      'INVALID_TARGET',
      `registry URL ${JSON.stringify(redactUrl(url))} names the scheme "${parsed.scheme}"; use one of ${Object.keys(backends).join(', ')}`,
    );
  }
  try {
    return new Registry(await open(parsed), options, parsed.hosts[0]?.host);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new DiscoveryError(
      'MISSING_PEER',
      `"${parsed.scheme}" needs a package that is not installed: npm install ${parsed.scheme === 'etcd' ? 'etcd3' : parsed.scheme}`,
      {
        cause: error,
      },
    );
  }
}
