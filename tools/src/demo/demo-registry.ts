import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { redactUrl } from '@rollcall/discovery';
import { hold, release } from '../processes/leash.js';
import { startRegistry } from '../servers/start-registry.js';

/** The registry of one run of the demo. */
export interface DemoRegistry {
  /** For REGISTRY_URL. */
  readonly url: string;
  /** For people and the report, without secrets. */
  readonly name: string;
  /** Where it came from: `started /usr/bin/consul 1.22.7`. */
  readonly origin: string;
  stop(): Promise<void>;
}

/**
 * A fresh directory for `file`; a server started for `consul` and `etcd`; anything else is the URL of one that runs.
 * @throws {RegistryServerError} with what to install when no server is to be had.
 */
export async function openDemoRegistry(registry: string): Promise<DemoRegistry> {
  if (registry === 'file') {
    const directory = await mkdtemp(join(tmpdir(), 'rollcall-demo-'));
    hold({ directory });
    return {
      url: pathToFileURL(directory).href,
      name: registry,
      origin: 'a directory on this machine',
      async stop() {
        await rm(directory, { recursive: true, force: true });
        await release({ directory });
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
