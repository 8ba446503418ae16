import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Arena, Connection } from './arena.js';
import { ConsulArena } from './consul-arena.js';
import { EtcdArena } from './etcd-arena.js';
import { FileArena } from './file-arena.js';
import { ownServer } from './own-server.js';
import { Resources } from './resources.js';

const [etcd, etcdOld, consul, consulOld] = await Promise.all([
  ownServer('etcd', 'current'),
  ownServer('etcd', 'old'),
  ownServer('consul', 'current'),
  ownServer('consul', 'old'),
]);
const many = 1_000;
/** Open side by side: an agent takes 200 connections of one client at most. */
const atOnce = 50;

const columns: [string, (() => Promise<Arena>) | undefined][] = [
  ['file', () => FileArena.start()],
  ['etcd', etcd && (() => EtcdArena.start(etcd))],
  ['etcd (old)', etcdOld && (() => EtcdArena.start(etcdOld))],
  ['consul', consul && (() => ConsulArena.start(consul))],
  ['consul (old)', consulOld && (() => ConsulArena.start(consulOld))],
];

describe.each(columns)('%s', (column, open) => {
  describe.skipIf(!open)('leaks nothing', () => {
    let arena: Arena;
    let resources: Resources;
    let connection: Connection;
    beforeAll(async () => {
      if (open) arena = await open();
    });
    afterAll(() => arena?.close());
    beforeEach(async ({ task }) => {
      task.meta.cell = { fault: task.name, column, version: arena.version, notes: [] };
      resources = new Resources();
      // An agent or a channel keeps what it has made for the first; the second shows what each further one costs.
      connection = await arena.connect({ lingerMs: 0, backoff: { initialMs: 1, maxMs: 5 } });
    });
    afterEach(async () => {
      await connection.close();
      resources.stop();
    });

    async function held(): Promise<Record<string, number>> {
      return {
        handles: resources.handles,
        timers: resources.timers,
        connections: connection.proxy?.connections ?? 0,
        ...(arena instanceof EtcdArena && { watchers: await watchersOf(arena) }),
      };
    }

    /** Waits until nothing is more than it was; a beat under way has a few timers, a leak has hundreds. */
    async function untilBackAt(before: Record<string, number>): Promise<void> {
      let now: Record<string, number> = {};
      await until(
        async () => {
          now = await held();
          return Object.entries(before).every(
            ([kind, count]) => now[kind]! <= count + (kind === 'timers' ? 4 : 0),
          );
        },
        {
          deadlineMs: 20_000,
          describe: () => `${JSON.stringify(now)} to be back at ${JSON.stringify(before)}`,
        },
      );
      process.stdout.write(`${column}: ${JSON.stringify(before)}, in the end ${JSON.stringify(now)}\n`);
    }

    it(`${many} watches opened and closed: nothing is left`, { timeout: 240_000 }, async () => {
      const look = async (service: string) => {
        const watch = connection.registry.watch(service);
        await watch.ready();
        watch.close();
      };
      const round = (from: number) =>
        Promise.all(Array.from({ length: atOnce }, (_, i) => look(`goods-${from + i}`)));
      await round(0);
      await until(async () => !('watchers' in (await held())) || (await held())['watchers'] === 0, {
        deadlineMs: 10_000,
        describe: () => 'the first watches to end',
      });
      const before = await held();
      for (let opened = 0; opened < many; opened += atOnce) await round(opened);
      await untilBackAt(before);
    });

    it.skipIf(column === 'file')(
      `${many} reconnects to the registry: nothing is left`,
      { timeout: 240_000 },
      async () => {
        const watch = connection.registry.watch('goods');
        await watch.ready();
        const registration = connection.registry.register({
          id: 'goods-1',
          service: 'goods',
          host: '127.0.0.1',
          port: 1,
        });
        await registration.registered();
        const settled = () =>
          registration.state.status === 'registered' && watch.current.instances.length === 1;
        const untilSettled = () =>
          until(settled, { deadlineMs: 10_000, describe: () => 'the instance to be registered' });
        const reset = async () => {
          const { sessions } = watch.why().counters;
          // Again, until it hits: between two requests of a watch there is nothing to break.
          await until(
            () => {
              connection.proxy?.reset();
              return watch.why().counters.sessions > sessions;
            },
            { deadlineMs: 10_000, everyMs: 25, describe: () => 'the watch to notice' },
          );
          await until(() => watch.current.source === 'live', {
            deadlineMs: 10_000,
            everyMs: 1,
            describe: () => `the watch to be live again: ${JSON.stringify(watch.why().lastError)}`,
          });
        };
        for (let i = 0; i < 20; i++) await reset();
        await untilSettled();
        await delay(arena.ttlMs);
        const before = await held();
        for (let i = 0; i < many; i++) await reset();
        await untilSettled();
        await untilBackAt(before);
        expect(connection.proxy?.accepted).toBeGreaterThan(many);
      },
    );

    it('registry handle closed: no handle, timer or socket is left', async () => {
      await connection.close();
      // Counted from within a timer, as it will be in the end.
      await delay(1);
      const before = { handles: resources.handles, timers: resources.timers };
      connection = await arena.connect();
      const watch = connection.registry.watch('goods');
      await connection.registry
        .register({ id: 'goods-2', service: 'goods', host: '127.0.0.1', port: 2 })
        .registered();
      await watch.ready();
      await connection.close();
      await until(() => resources.handles <= before.handles && resources.timers <= before.timers, {
        deadlineMs: 20_000,
        describe: () =>
          `${resources.handles} handles, ${resources.timers} timers to be ${JSON.stringify(before)}`,
      });
    });
  });
});

/** As etcd itself counts them. */
async function watchersOf({ server: { host, port } }: EtcdArena): Promise<number> {
  // Without a timeout of its own, which would be a timer among those that are counted.
  const response = await fetch(`http://${host}:${port}/metrics`);
  const metrics = await response.text();
  return Number(/^etcd_debugging_mvcc_watcher_total (\d+)/m.exec(metrics)?.[1]);
}
