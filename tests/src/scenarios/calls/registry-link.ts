import { symlink, unlink, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FaultProxy } from '@rollcall/discovery/testing';
import { freePort } from '@rollcall/tools';

/** A route of one process to its registry, which can be cut while the registry stays up. */
export interface RegistryLink {
  readonly url: string;
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** `url` is a `REGISTRY_URL`. */
export function linkTo(url: string): Promise<RegistryLink> {
  return url.startsWith('file:') ? symbolicLink(url) : proxied(url);
}

async function proxied(url: string): Promise<RegistryLink> {
  const link = new URL(url);
  const proxy = await FaultProxy.start(
    { host: link.hostname, port: Number(link.port) },
    { port: await freePort() },
  );
  link.hostname = proxy.host;
  link.port = String(proxy.port);
  return {
    url: link.href,
    cut: () => proxy.cut(),
    restore: () => proxy.restore(),
    close: () => proxy.close(),
  };
}

let links = 0;

/** A directory has no network: its users go through a symbolic link instead. */
async function symbolicLink(url: string): Promise<RegistryLink> {
  const { search, pathname } = new URL(url);
  const directory = fileURLToPath(`file://${pathname}`);
  const path = `${directory}-link-${++links}`;
  await symlink(directory, path);
  return {
    url: `${pathToFileURL(path).href}${search}`,
    // Replaced with a file: the library would create a missing directory.
    async cut() {
      await unlink(path);
      await writeFile(path, '');
    },
    async restore() {
      await unlink(path);
      await symlink(directory, path);
    },
    close: () => unlink(path),
  };
}
