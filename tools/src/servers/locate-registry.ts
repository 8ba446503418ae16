import { readEnvironment, type RegistrySources } from '../environment.js';
import { findExecutable } from './find-executable.js';
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
  return availableForTests(() => locateRegistry(kind, options));
}

/**
 * The path of etcd's own command line, for tests: `ETCDCTL_BIN`, else on `PATH`, else that of etcd's image, as
 * {@link registryForTests} finds a server.
 * @throws {RegistryServerError} NOT_FOUND where `CI` is set.
 */
export async function etcdctlForTests(): Promise<string | undefined> {
  const { etcdctl, path, registries } = readEnvironment();
  return availableForTests(async () => {
    const found = findExecutable(etcdctl, path);
    if (found !== undefined) return found;
    // See below.
    const { programOfImage } = await import('./program-of-image.js');
    const { image } = registries.etcd.current;
    return programOfImage(image, 'etcdctl').catch((error: unknown) => {
      const reasons = `no program "${etcdctl}" (ETCDCTL_BIN, else PATH), nor one in an image ${image} (${messageOf(error)})`;
      const fix = 'install Docker, or etcdctl itself (Debian: apt install etcd-client), or set ETCDCTL_BIN';
      throw new RegistryServerError('NOT_FOUND', `etcdctl is unavailable: ${reasons}. To fix it, ${fix}.`);
    });
  });
}

async function availableForTests<T>(locate: () => Promise<T>): Promise<T | undefined> {
  try {
    return await locate();
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
    const found = findExecutable(binary, path);
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
