import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { registryForTests, startRegistryAt, type RegistrySource } from '@rollcall/tools';

/** A registry for the system to run on, for as long as one block of tests. */
export interface RegistryUnderTest {
  readonly url: string;
  close(): Promise<void>;
}

export interface RegistryCase {
  readonly name: 'file' | 'consul' | 'etcd';
  /** None is to be had, and a line has said so. */
  readonly missing: boolean;
  open(): Promise<RegistryUnderTest>;
}

/** The three registries, for `describe.each`. Which server each one is, is printed. */
export async function registryCases(prefer?: readonly RegistrySource[]): Promise<readonly RegistryCase[]> {
  const servers = await Promise.all(
    (['consul', 'etcd'] as const).map(async (name): Promise<RegistryCase> => {
      const location = await registryForTests(name, prefer && { prefer });
      return {
        name,
        missing: !location,
        async open() {
          if (!location) throw new Error(`no ${name} to be had`);
          const server = await startRegistryAt(location);
          console.log(`on ${name} ${server.version}, ${server.how}`);
          return { url: server.url, close: () => server.stop() };
        },
      };
    }),
  );
  return [{ name: 'file', missing: false, open: openDirectory }, ...servers];
}

async function openDirectory(): Promise<RegistryUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-test-'));
  return {
    url: pathToFileURL(directory).href,
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
