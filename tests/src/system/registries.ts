import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { registryForTests, startRegistryAt, type RegistrySource } from '@rollcall/tools';

/** A registry that the system runs on during a block of tests. */
export interface SystemRegistry {
  readonly url: string;
  close(): Promise<void>;
}

export interface RegistryCase {
  readonly name: 'file' | 'consul' | 'etcd';
  /** The server is unavailable; a line on standard error says why. */
  readonly missing: boolean;
  open(): Promise<SystemRegistry>;
}

/** The three registries, for `describe.each`. Each server is printed when it starts. */
export async function registryCases(prefer?: readonly RegistrySource[]): Promise<readonly RegistryCase[]> {
  const servers = await Promise.all(
    (['consul', 'etcd'] as const).map(async (name): Promise<RegistryCase> => {
      const location = await registryForTests(name, prefer && { prefer });
      return {
        name,
        missing: !location,
        async open() {
          if (!location) throw new Error(`${name} is unavailable`);
          const server = await startRegistryAt(location);
          console.log(`on ${name} ${server.version}, ${server.how}`);
          return { url: server.url, close: () => server.stop() };
        },
      };
    }),
  );
  return [{ name: 'file', missing: false, open: openDirectory }, ...servers];
}

async function openDirectory(): Promise<SystemRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-test-'));
  return {
    url: pathToFileURL(directory).href,
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
