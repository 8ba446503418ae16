import { setTimeout as lasts } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { ConsulArena } from './consul-arena.js';
import { EtcdArena } from './etcd-arena.js';
import { type Fault, aSecond } from './fault.js';
import { ownServer } from './own-server.js';
import { Trial } from './trial.js';

const [etcd, etcdOld, consul, consulOld, besideServer] = await Promise.all([
  ownServer('etcd', 'current'),
  ownServer('etcd', 'old'),
  ownServer('consul', 'current'),
  ownServer('consul', 'old'),
  ownServer('consul', 'current', ['binary']),
]);
const columns = [
  ['etcd', etcd && (() => EtcdArena.start(etcd))],
  ['etcd (old)', etcdOld && (() => EtcdArena.start(etcdOld))],
  ['consul', consul && (() => ConsulArena.start(consul))],
  ['consul (old)', consulOld && (() => ConsulArena.start(consulOld))],
  ['consul client agent', besideServer && (() => ConsulArena.startWithClient(besideServer))],
] as const;

/** Long enough for every backoff to have grown as far as it goes. */
const fault: Fault = {
  name: 'registry unreachable for a minute: back within a second of its return',
  boundMs: aSecond,
  async run(trial) {
    const provider = await trial.provider(1);
    const observer = await trial.observer();
    await Promise.all([provider.proxy?.cut(), observer.proxy?.cut()]);
    await lasts(60_000);
    await Promise.all([provider.proxy?.restore(), observer.proxy?.restore()]);
    return trial.cured();
  },
};

// Side by side: a minute of nothing costs nothing.
describe.concurrent('a minute', () => {
  const arenas: (EtcdArena | ConsulArena)[] = [];
  afterAll(() => Promise.all(arenas.map((arena) => arena.close())));

  for (const [column, open] of columns) {
    it.skipIf(!open)(`${fault.name} (${column})`, async ({ task }) => {
      if (!open) return;
      const arena = await open();
      arenas.push(arena);
      const cell = { fault: fault.name, column, version: arena.version, boundMs: 1_000 };
      task.meta.cell = { ...cell, notes: [] };
      const trial = new Trial(arena);
      try {
        const tookMs = await fault.run(trial);
        expect(tookMs).toBeDefined();
        task.meta.cell = { ...cell, notes: trial.notes, ...(tookMs !== undefined && { tookMs }) };
      } finally {
        await trial.end();
      }
    });
  }
});
