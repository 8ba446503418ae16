import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvironment, type RegistrySources } from '../environment.js';
import {
  RegistryServerError,
  type RegistryKind,
  type RegistrySource,
  type RegistryVersion,
} from './registry-server.js';

export interface LocateOptions {
  /** `current` by default. */
  readonly version?: RegistryVersion;
  /** Where to look, in this order. `['given', 'container', 'binary']` by default. */
  readonly prefer?: readonly RegistrySource[];
}

/** Where a server can be had: one of the three, and what it takes. */
export type RegistryLocation = { readonly kind: RegistryKind } & (
  | { readonly how: 'given'; readonly url: string }
  | { readonly how: 'container'; readonly image: string }
  | { readonly how: 'binary'; readonly path: string }
);

/**
 * Finds out where a registry server can be had, and starts nothing.
 * An image that is not there yet is pulled; the engine is asked only when its turn comes.
 * @throws {RegistryServerError} NOT_FOUND, with what was tried and what to install.
 */
export async function locateRegistry(
  kind: RegistryKind,
  { version = 'current', prefer = ['given', 'container', 'binary'] }: LocateOptions = {},
): Promise<RegistryLocation> {
  const environment = readEnvironment();
  const sources = environment.registries[kind][version];
  const missing: string[] = [];
  for (const how of prefer) {
    const found = await look[how](sources, environment.path);
    if ('missing' in found) missing.push(found.missing);
    else return { kind, ...found };
  }
  throw new RegistryServerError('NOT_FOUND', notFound(kind, version, sources, missing));
}

type Found = WithoutKind<RegistryLocation> | { readonly missing: string };
type WithoutKind<T> = T extends unknown ? Omit<T, 'kind'> : never;

/** `testcontainers` is loaded when its turn comes: most runs need no container, and it takes a second to load. */
const look: Record<RegistrySource, (sources: RegistrySources, path: readonly string[]) => Promise<Found>> = {
  given: async ({ url, variables }) =>
    url === undefined
      ? { missing: variables.url ? `${variables.url} is not set` : 'no address can be given' }
      : { how: 'given', url },

  container: async ({ image }) => {
    const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
    try {
      const { image: images } = await getContainerRuntimeClient();
      const name = ImageName.fromString(image);
      if (!(await images.exists(name))) await images.pull(name);
      return { how: 'container', image };
    } catch (error) {
      return { missing: `no container of ${image} (${messageOf(error)})` };
    }
  },

  binary: async ({ binary, variables }, path) => {
    if (binary === undefined) return { missing: `${variables.binary} is not set` };
    const found = (binary.includes('/') ? [binary] : path.map((folder) => join(folder, binary))).find(runs);
    return found === undefined
      ? { missing: `no program "${binary}" (${variables.binary}, else PATH)` }
      : { how: 'binary', path: found };
  },
};

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

const debianPackage: Record<RegistryKind, string> = { consul: 'consul', etcd: 'etcd-server' };

function notFound(
  kind: RegistryKind,
  version: RegistryVersion,
  { variables }: RegistrySources,
  missing: readonly string[],
): string {
  const wayOut =
    version === 'current'
      ? `install Docker, or ${kind} itself (Debian: apt install ${debianPackage[kind]}), or set ${variables.binary}`
      : `install Docker, or set ${variables.binary} to an old release's program`;
  return `no ${version === 'old' ? 'old ' : ''}${kind} to be had: ${missing.join('; ')}. To have one, ${wayOut}.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}

/** What a program prints about its version. @throws {Error} when it does not run. */
export async function bannerOf(path: string, args: readonly string[]): Promise<string> {
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await new Promise<void>(
    (resolve, reject) => void child.once('close', () => resolve()).once('error', reject),
  );
  return text;
}
