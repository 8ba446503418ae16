import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { participants } from './participants.js';
import { cannotMount, scratchDirectory, SmallFileSystem } from './surrounding-directory.js';

const quick = '?heartbeatMs=200&staleAfterMs=1500';
let disk: SmallFileSystem;
let url: string;

beforeEach(async () => {
  disk = await SmallFileSystem.mount();
});
afterEach(() => disk.unmount());
const scratch = scratchDirectory();
// Hooks run in reverse order: it ends the processes before their file system is unmounted.
const start = participants();

if (cannotMount !== undefined)
  process.stderr.write(`skipped the tests of full and read-only disks: ${cannotMount}\n`);

describe.skipIf(cannotMount !== undefined)('a file registry', () => {
  beforeEach(() => {
    url = `file://${disk.path}/registry${quick}`;
  });

  it('on a full disk: the registered stay and are listed; a new one names ENOSPC and registers once there is room', async () => {
    const registered = await start(url);
    registered.register('before');
    await registered.untilRegistered('before');
    const observer = await start(url);
    observer.send({ watch: 'inventory' });
    await observer.untilLists(1);
    await disk.fill();

    registered.register('during', 2);
    await registered.until('the error', ({ status }) => /ENOSPC/.test(status.registrations['during'] ?? ''));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(registered.status.registrations).toMatchObject({
      before: 'registered',
      during: expect.stringMatching(/^registering REGISTRY_UNAVAILABLE: .*ENOSPC/),
    });
    expect(observer.watch()).toMatchObject({ source: 'live', ids: ['before'], held: 0 });
    // An attempt may be under way.
    await expect.poll(() => readdir(join(disk.path, 'registry'))).toEqual(['inventory.before.json']);

    await disk.free();
    await observer.untilLists(2, 'inventory', 2_000);
  });

  it('on a full disk: deregistering takes 2 s at most and leaves no record', async () => {
    const registered = await start(url);
    registered.register('a');
    await registered.untilRegistered('a');
    await disk.fill();
    expect(await registered.close()).toBeLessThan(2_500);
    expect(await readdir(join(disk.path, 'registry'))).toEqual([]);
  });

  it('that becomes read-only: the list stays, the registration names EROFS; writable again, both are as before', async () => {
    const registered = await start(url);
    registered.register('a');
    registered.register('b', 2);
    await registered.untilRegistered('b');
    const observer = await start(url);
    observer.send({ watch: 'inventory' });
    await observer.untilLists(2);
    disk.setReadOnly(true);
    await registered.until('the error', ({ status }) => /EROFS/.test(status.registrations['a'] ?? ''));
    // Longer than a record takes to become stale.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(registered.status.registrations['a']).toMatch(/^lost REGISTRY_UNAVAILABLE: .*EROFS/);
    expect(observer.watch()).toMatchObject({ instances: 2, held: 0 });

    disk.setReadOnly(false);
    await registered.untilRegistered('a', 2_000);
    await observer.untilLists(2, 'inventory', 2_000);
  });

  it('that cannot be created: the registration names the reason and registers once it can', async () => {
    disk.setReadOnly(true);
    const participant = await start(url);
    participant.register('a');
    participant.send({ watch: 'inventory' });
    await participant.until('the error', ({ status }) => /mkdir/.test(status.registrations['a'] ?? ''));
    expect(participant.status.registrations['a']).toMatch(/^registering REGISTRY_UNAVAILABLE: .*mkdir/);
    await participant.untilLists(0);
    disk.setReadOnly(false);
    await participant.untilLists(1, 'inventory', 2_000);
  });
});

describe.skipIf(cannotMount !== undefined)('a snapshot', () => {
  beforeEach(() => {
    url = `file://${scratch.path}/registry${quick}`;
  });
  const snapshotOf = async () =>
    (JSON.parse(await readFile(join(disk.path, 'inventory.json'), 'utf8')) as { instances: unknown[] })
      .instances;

  for (const [fault, begin, end, code] of [
    ['full', () => disk.fill(), () => disk.free(), 'ENOSPC'],
    ['read-only', () => disk.setReadOnly(true), () => disk.setReadOnly(false), 'EROFS'],
  ] as const) {
    it(`on a ${fault} disk: the list goes on, the old file stays, ${code} is logged once; then it is written again`, async () => {
      const participant = await start(url, { snapshotDirectory: disk.path });
      participant.send({ watch: 'inventory' });
      participant.register('a');
      await participant.untilLists(1);
      await expect.poll(snapshotOf).toHaveLength(1);
      await begin();
      for (let i = 2; i <= 10; i++) {
        participant.register(`a${i}`, i);
        await participant.untilLists(i);
      }
      // It is written once a second at the most.
      const failures = () => participant.status.lastLogged.filter((line) => line.includes(code));
      await expect.poll(failures, { timeout: 5_000 }).toHaveLength(1);
      expect(await snapshotOf()).toHaveLength(1);
      expect((await readdir(disk.path)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      await end();
      participant.register('b', 100);
      await participant.untilLists(11);
      await expect.poll(snapshotOf, { timeout: 5_000 }).toHaveLength(11);
    });
  }

  it('in a read-only directory is read at a start without a registry', async () => {
    const before = await start(url, { snapshotDirectory: disk.path });
    before.send({ watch: 'inventory' });
    before.register('a');
    await before.untilLists(1);
    await expect.poll(snapshotOf).toHaveLength(1);
    await before.process.kill();
    disk.setReadOnly(true);
    // A registry that refuses connections.
    const participant = await start('consul://127.0.0.1:1', { snapshotDirectory: disk.path });
    participant.send({ watch: 'inventory' });
    await participant.until('the snapshot', () => participant.watch().source === 'snapshot');
    expect(participant.watch()).toMatchObject({ ids: ['a'], error: expect.stringContaining('ECONNREFUSED') });
  });
});
