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
  /**
   * Where to look, in this order. `['given', 'container', 'binary']` by default. `image`: the program in the container image, run
   * on this machine.
   */
  readonly prefer?: readonly (RegistrySource | 'image')[];
}

/** Where a server is available, and what starting it takes. */
export type RegistryLocation = { readonly kind: RegistryKind } & (
  | { readonly how: 'given'; readonly url: string }
  | { readonly how: 'container'; readonly image: string }
  | { readonly how: 'binary'; readonly path: string }
);

/**
 * Finds where a registry server is available, without starting it. Pulls a missing image.
 * @throws {RegistryServerError} NOT_FOUND, with what was tried and what to install.
 */
export async function locateRegistry(
  kind: RegistryKind,
  { version = 'current', prefer = ['given', 'container', 'binary'] }: LocateOptions = {},
): Promise<RegistryLocation> {
  const environment = readEnvironment();
  const sources = environment.registries[kind][version];
  const reasons: string[] = [];
  for (const how of prefer) {
    const found = await locators[how](sources, environment.path, kind);
    if ('missing' in found) reasons.push(found.missing);
    else return { kind, ...found };
  }
  throw new RegistryServerError('NOT_FOUND', notFoundMessage(kind, version, sources, reasons));
}

/**
 * The location of a test's registry. Without one, undefined, for `describe.skipIf(!location)`; a line on standard
 * error says what is skipped and what to install.
 * @throws {RegistryServerError} NOT_FOUND where `CI` is set: a skipped test is a failure there.
 */
export async function registryForTests(
  kind: RegistryKind,
  options: LocateOptions = {},
): Promise<RegistryLocation | undefined> {
  try {
    return await locateRegistry(kind, options);
  } catch (error) {
    if (!(error instanceof RegistryServerError) || readEnvironment().ci) throw error;
    process.stderr.write(`skipped, ${error.message}\n`);
    return undefined;
  }
}

type Result = WithoutKind<RegistryLocation> | { readonly missing: string };
type WithoutKind<T> = T extends unknown ? Omit<T, 'kind'> : never;

const locators: Record<
  RegistrySource | 'image',
  (sources: RegistrySources, path: readonly string[], kind: RegistryKind) => Promise<Result>
> = {
  given: async ({ url, variables }) =>
    url === undefined
      ? { missing: variables.url ? `${variables.url} is not set` : 'there is no variable for its URL' }
      : { how: 'given', url },

  container: async ({ image }) => {
    // The package takes a second to load, and most runs need no container.
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
    const found = (binary.includes('/') ? [binary] : path.map((folder) => join(folder, binary))).find(
      isExecutable,
    );
    return found === undefined
      ? { missing: `no program "${binary}" (${variables.binary}, else PATH)` }
      : { how: 'binary', path: found };
  },

  image: async ({ image }, _path, kind) => {
    // See above.
    const { programOfImage } = await import('./program-of-image.js');
    try {
      return { how: 'binary', path: await programOfImage(image, kind) };
    } catch (error) {
      return { missing: `no program "${kind}" in an image ${image} (${messageOf(error)})` };
    }
  },
};

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

const debianPackage: Record<RegistryKind, string> = { consul: 'consul', etcd: 'etcd-server' };

function notFoundMessage(
  kind: RegistryKind,
  version: RegistryVersion,
  { variables }: RegistrySources,
  reasons: readonly string[],
): string {
  const fix =
    version === 'current'
      ? `install Docker, or ${kind} itself (Debian: apt install ${debianPackage[kind]}), or set ${variables.binary}`
      : `install Docker, or set ${variables.binary} to the binary of an old release`;
  const name = version === 'old' ? `old ${kind}` : kind;
  return `${name} is unavailable: ${reasons.join('; ')}. To fix it, ${fix}.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
