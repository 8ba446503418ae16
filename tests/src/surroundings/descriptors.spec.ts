import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RegistryServer, registryForTests, startRegistryAt } from '@rollcall/tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { participants } from './participants.js';
import { scratchDirectory } from './surrounding-directory.js';

const scratch = scratchDirectory();
const start = participants();
const descriptors = 64;

describe('a file registry with 64 descriptors', () => {
  it('500 records: all are listed, none is rejected, and an own instance registers', async () => {
    const directory = join(scratch.path, 'registry');
    await mkdir(directory, { mode: 0o700 });
    const paths: string[] = [];
    for (let port = 1; port <= 500; port++) {
      const instance = { id: `a${port}`, service: 'inventory', host: '127.0.0.1', port };
      paths.push(join(directory, `inventory.a${port}.json`));
      await writeFile(paths.at(-1)!, JSON.stringify({ instance }));
    }
    const participant = await start(`file://${directory}`, { descriptors });
    participant.send({ watch: 'inventory' });
    await participant.untilLists(500);
    participant.register('own', 1_000);
    await participant.untilLists(501);
    // Every record changes at once.
    const now = new Date();
    await Promise.all(paths.map((path) => utimes(path, now, now)));
    await sleep(2_000);
    expect(participant.watch()).toMatchObject({ source: 'live', instances: 501, held: 0 });
    expect(participant.status).toMatchObject({ registrations: { own: 'registered' }, logged: 0, leftOut: 0 });
  });
});

for (const kind of ['etcd', 'consul'] as const) {
  const location = await registryForTests(kind, { version: 'current', prefer: ['binary', 'container'] });
  describe.skipIf(!location)(`${kind} with 64 descriptors`, () => {
    let server: RegistryServer;
    beforeAll(async () => {
      if (location) server = await startRegistryAt(location);
    });
    afterAll(() => server?.stop());

    it('100 services are watched: what is listed stays, a registration stays, what fails names EMFILE, and all are live once there are fewer', async () => {
      const url = `${server.url}?ttlMs=2000`;
      const participant = await start(url, { descriptors });
      participant.register('a');
      participant.send({ watch: 'inventory' });
      await participant.untilLists(1);
      const others = Array.from({ length: 100 }, (_, i) => `other-${i}`);
      for (const service of others) participant.send({ watch: service });
      await participant.until('every watch is live or failed', ({ status }) =>
        Object.values(status.watches).every(({ source, error }) => source === 'live' || error !== undefined),
      );
      // Longer than a registration lives without a heartbeat.
      await sleep(3_000);
      const { registrations, watches } = participant.status;
      expect(registrations).toEqual({ a: 'registered' });
      expect(participant.watch()).toMatchObject({ ids: ['a'], held: 0 });
      const errors = Object.values(watches).flatMap(({ source, error }) =>
        source === 'live' ? [] : [error],
      );
      // etcd: one connection for all.
      expect(errors.length > 0).toBe(kind === 'consul');
      expect(errors.filter((error) => !/REGISTRY_UNAVAILABLE: .*EMFILE/.test(error ?? ''))).toEqual([]);

      for (const service of others.slice(20)) participant.send({ unwatch: service });
      await participant.until('all are live', ({ status }) =>
        Object.values(status.watches).every(({ source }) => source === 'live'),
      );
      const other = await start(url);
      other.register('b', 2);
      await participant.untilLists(2, 'inventory', 3_000);
    });
  });
}
