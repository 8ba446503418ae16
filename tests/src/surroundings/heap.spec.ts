import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RegistryServer, registryForTests, startRegistryAt } from '@rollcall/tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chunksOf, httpApi } from '../environments/http-api.js';
import { participants } from './participants.js';
import { scratchDirectory } from './surrounding-directory.js';

const scratch = scratchDirectory();
const start = participants();
const nodeArgs = ['--max-old-space-size=64'];
const count = 10_000;

function instances() {
  return Array.from({ length: count }, (_, i) => ({
    id: `a${i}`,
    service: 'inventory',
    host: `10.0.${i >> 8}.${i & 255}`,
    port: 1 + i,
  }));
}

/** All are listed; one that registers and one that leaves are seen; the process lives on. */
async function expectListed(url: string, remove: () => Promise<void>): Promise<void> {
  const participant = await start(url, { nodeArgs });
  participant.send({ watch: 'inventory' });
  await participant.untilLists(count, 'inventory', 20_000);
  participant.register('own', 60_000);
  await participant.untilRegistered('own');
  await participant.untilLists(count + 1, 'inventory', 5_000);
  await remove();
  await participant.untilLists(count, 'inventory', 5_000);
  expect(participant.watch()).toMatchObject({ held: 0, error: null });
  expect(participant.status.registrations).toEqual({ own: 'registered' });
}

describe('10,000 instances of one service in 64 MB of heap', { timeout: 60_000 }, () => {
  it('file: all are listed, and changes are seen', async () => {
    const directory = join(scratch.path, 'registry');
    await mkdir(directory, { mode: 0o700 });
    const pathOf = (id: string) => join(directory, `inventory.${id}.json`);
    for (const batch of chunksOf(instances(), 100)) {
      await Promise.all(
        batch.map((instance) => writeFile(pathOf(instance.id), JSON.stringify({ instance }))),
      );
    }
    // Without an owner a record is alive while it is touched.
    await expectListed(`file://${directory}?staleAfterMs=60000`, () => rm(pathOf('a0')));
  });

  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const servers = {
    etcd: {
      async write(server: RegistryServer) {
        for (const batch of chunksOf(instances(), 100)) {
          const success = batch.map(({ id, host, port }) => ({
            requestPut: {
              key: base64(`inventory/${id}`),
              value: base64(JSON.stringify({ Op: 0, Addr: `${host}:${port}`, Metadata: null })),
            },
          }));
          await httpApi(server, 'POST', '/v3/kv/txn', { success });
        }
      },
      remove: (server: RegistryServer) =>
        httpApi(server, 'POST', '/v3/kv/deleterange', { key: base64('inventory/a0') }),
    },
    consul: {
      async write(server: RegistryServer) {
        await httpApi(server, 'PUT', '/v1/catalog/register', { Node: 'others', Address: '10.0.0.1' });
        for (const batch of chunksOf(instances(), 64)) {
          const operations = batch.map(({ id, service, host, port }) => ({
            Service: {
              Verb: 'set',
              Node: 'others',
              Service: { ID: id, Service: service, Address: host, Port: port },
            },
          }));
          await httpApi(server, 'PUT', '/v1/txn', operations);
        }
      },
      remove: (server: RegistryServer) =>
        httpApi(server, 'PUT', '/v1/catalog/deregister', { Node: 'others', ServiceID: 'a0' }),
    },
  };

  for (const kind of ['etcd', 'consul'] as const) {
    const location = registryForTests(kind, { version: 'current', prefer: ['binary', 'container'] });
    describe(`${kind}`, () => {
      let server: RegistryServer | undefined;
      beforeAll(async () => {
        const found = await location;
        if (!found) return;
        server = await startRegistryAt(found);
        await servers[kind].write(server);
      });
      afterAll(() => server?.stop());

      it('all are listed, and changes are seen', async ({ skip }) => {
        if (!server) return skip(`no ${kind}`);
        const { url } = server;
        await expectListed(url, async () => void (await servers[kind].remove(server!)));
      });
    });
  }
});
