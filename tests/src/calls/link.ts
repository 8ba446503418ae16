import { symlink, unlink, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FaultProxy } from '@rollcall/discovery/testing';
import { freePort } from '@rollcall/tools';

/** One process' own way to its registry, which can be cut while the registry is well. */
export interface Link {
  readonly url: string;
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** `url` names a registry. */
export function linkTo(url: string): Promise<Link> {
  return url.startsWith('file:') ? symbolicLink(url) : proxied(url);
}

async function proxied(url: string): Promise<Link> {
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

/** A directory has no network in between: who goes through a symbolic link loses it with the link. */
async function symbolicLink(url: string): Promise<Link> {
  const { search, pathname } = new URL(url);
  const directory = fileURLToPath(`file://${pathname}`);
  const path = `${directory}-link-${++links}`;
  await symlink(directory, path);
  return {
    url: `${pathToFileURL(path).href}${search}`,
    // A file stands in its place: a directory that is not there is made by whoever needs it.
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
