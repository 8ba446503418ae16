import { openRegistry, type Registry, type Watch } from '@rollcall/discovery';
import { type RegistryServer, registryForTests, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { scratchDirectory } from './surrounding-directory.js';
import { RegistryWorker } from './worker.js';

const scratch = scratchDirectory();

function untilListed(watch: Watch, ...ids: readonly string[]): Promise<unknown> {
  const listed = () => watch.current.instances.map(({ id }) => id).join();
  return until(() => watch.current.source === 'live' && listed() === ids.join(), {
    deadlineMs: 10_000,
    everyMs: 10,
    describe: () => `the main thread to list ${ids.join()}; it lists ${listed()} (${watch.current.source})`,
  });
}

/** The main thread registers `main` and watches; the worker registers `worker` and watches. */
async function start(url: string) {
  const registry: Registry = await openRegistry(url, { shrinkGuard: { maxShrink: 1 } });
  onTestFinished(() => registry.close());
  const registration = registry.register({ service: 'inventory', id: 'main', host: '192.0.2.1', port: 1 });
  const watch = registry.watch('inventory');
  const worker = new RegistryWorker({ url, id: 'worker', port: 2 });
  onTestFinished(() => worker.terminate());
  await untilListed(watch, 'main', 'worker');
  await worker.untilLists('main', 'worker');
  return { registry, registration, watch, worker };
}

async function expectLeaving(url: string): Promise<void> {
  const { watch, worker, registration } = await start(url);
  expect(await worker.close()).toBe(0);
  await untilListed(watch, 'main');
  expect(registration.state.status).toBe('registered');
}

async function expectTerminated(url: string): Promise<void> {
  const { registry, registration, watch, worker } = await start(url);
  const states: string[] = [];
  registration.on('change', ({ status }) => states.push(status));
  await worker.terminate();
  // Its record goes with its time to live, as that of a process that hangs.
  await untilListed(watch, 'main');
  await registry.register({ service: 'inventory', id: 'worker', host: '192.0.2.1', port: 3 }).registered();
  await untilListed(watch, 'main', 'worker');
  expect(states).toEqual([]);
}

describe('file', () => {
  const url = () => `file://${scratch.path}/registry?heartbeatMs=200&staleAfterMs=1000`;

  it('a worker thread registers, watches and closes', () => expectLeaving(url()));
  it('a worker thread that is terminated does not affect the main thread; its id is free after its TTL', () =>
    expectTerminated(url()));
});

for (const kind of ['etcd', 'consul'] as const) {
  const location = await registryForTests(kind, { version: 'current', prefer: ['binary', 'container'] });
  describe.skipIf(!location)(`${kind}`, () => {
    let server: RegistryServer;
    beforeAll(async () => {
      if (location) server = await startRegistryAt(location);
    });
    afterAll(() => server?.stop());
    const url = () => `${server.url}?ttlMs=2000`;

    it('a worker thread registers, watches and closes', () => expectLeaving(url()));
    it('a worker thread that is terminated does not affect the main thread; its id is free after its TTL', () =>
      expectTerminated(url()));
  });
}
