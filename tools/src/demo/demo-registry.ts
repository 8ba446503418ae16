import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { redactUrl } from '@rollcall/discovery';
import { cancelReap, reapOnExit } from '../processes/orphan-reaper.js';
import { startRegistry } from '../servers/start-registry.js';

/** The registry of one run of the demo. */
export interface DemoRegistry {
  /** For REGISTRY_URL. */
  readonly url: string;
  /** For the output and the report, without secrets. */
  readonly name: string;
  /** Where it comes from: `consul 1.22.7 as a binary, started for this run`. */
  readonly origin: string;
  stop(): Promise<void>;
}

const directoryPrefix = 'rollcall-demo-';

/** The URLs of the `file` registries of the demos that run on this machine. */
export function runningDemoRegistries(): readonly string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(directoryPrefix))
    .map((name) => pathToFileURL(join(tmpdir(), name)).href);
}

/**
 * A new directory for `file`, a new server for `consul` and `etcd`; anything else is the URL of a running registry.
 * @throws {RegistryServerError} with what to install, when no server is available.
 */
export async function openDemoRegistry(registry: string): Promise<DemoRegistry> {
  if (registry === 'file') {
    const directory = await mkdtemp(join(tmpdir(), directoryPrefix));
    reapOnExit({ directory });
    return {
      url: pathToFileURL(directory).href,
      name: registry,
      origin: 'a directory on this machine',
      async stop() {
        await rm(directory, { recursive: true, force: true });
        await cancelReap({ directory });
      },
    };
  }
  if (registry === 'consul' || registry === 'etcd') {
    const server = await startRegistry(registry, { prefer: ['binary', 'container'] });
    return {
      url: server.url,
      name: registry,
      origin: `${registry} ${server.version} as a ${server.how}, started for this run`,
      stop: () => server.stop(),
    };
  }
  return { url: registry, name: redactUrl(registry), origin: 'as given', stop: async () => {} };
}
