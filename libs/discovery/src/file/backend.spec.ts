import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ObserveRun } from '../testing/conformance/observe-run.js';
import { encode } from './record.js';
import {
  announced,
  backend,
  dead,
  directory,
  foreign,
  instance,
  observe,
  open,
  pathOf,
  put,
  sessions,
  timeoutMs,
} from './test-directory.spec.fixture.js';

describe('the options', () => {
  it.each([
    [{ directory: '' }, 'directory ""'],
    [{ scanIntervalMs: 0 }, 'scanIntervalMs 0'],
    [{ heartbeatMs: Number.NaN }, 'heartbeatMs NaN'],
    [{ heartbeatMs: 1_000, staleAfterMs: 2_999 }, 'staleAfterMs 2999'],
  ])('%j: rejected, echoed', (options, echoed) => {
    expect(() => open(options)).toThrow(`INVALID_OPTION: invalid ${echoed}: `);
  });
});

describe('an observed directory', () => {
  it('file is no longer touched, then again: the instance is left out, then back', async () => {
    const observing = observe(open({ staleAfterMs: 400 }));
    await put(instance(), foreign);
    await observing.untilHas(instance());
    await observing.untilHasNot(instance());
    const now = new Date();
    await utimes(pathOf(), now, now);
    await observing.untilHas(instance());
  });

  it('file without an owner: alive while touched, read after each touch', async () => {
    const observing = observe();
    await put(instance());
    await observing.untilHas(instance());
    await writeFile(pathOf(), encode({ instance: instance({ port: 2 }) }));
    await observing.until('port 2', ([only]) => only?.port === 2);
  });

  it('process is dead: the instance is left out', async () => {
    await put(instance(), dead);
    const alive = await announced(instance({ id: 'b' }));
    expect(await observe().untilFirst()).toEqual([alive.instance]);
  });

  it('clock is set, file from the future: no instance is lost', async () => {
    await put(instance({ id: 'future' }), foreign);
    const later = new Date(Date.now() + 3_600_000);
    await utimes(pathOf(instance({ id: 'future' })), later, later);
    await announced();
    const observing = observe();
    await observing.untilHas(instance(), instance({ id: 'future' }));
    const { now } = Date;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + 7_200_000);
    // A new viewer requests a full scan.
    await observe().untilHas(instance(), instance({ id: 'future' }));
    await announced(instance({ id: 'b' }));
    await observing.untilHas(instance(), instance({ id: 'future' }), instance({ id: 'b' }));
    expect(observing.sets.slice(1).every((set) => set.length >= 2)).toBe(true);
  });

  it('file is touched: it is not read again', async () => {
    await announced();
    const observing = observe();
    const [first] = await observing.untilFirst();
    const touched = (await stat(pathOf())).mtimeMs;
    await vi.waitFor(async () => expect((await stat(pathOf())).mtimeMs).toBeGreaterThan(touched + 200));
    // A new viewer requests a full scan.
    const [again] = await observe().untilFirst();
    expect(again).toBe(first);
  });

  it('unreadable records: left out, reported once, listed once they are readable', async () => {
    await mkdir(directory);
    await mkdir(join(directory, 'goods.folder.json'));
    execFileSync('mkfifo', [join(directory, 'goods.pipe.json')]);
    await writeFile(join(directory, 'goods.big.json'), ' '.repeat(1_500_000));
    await writeFile(pathOf(instance({ id: 'half' })), '{"instance":');
    await writeFile(join(directory, 'inventory.half.json'), '{');
    await writeFile(join(directory, 'README.md'), 'not ours');
    await announced();
    const all = new ObserveRun(backend, undefined, timeoutMs);
    sessions.push(all);
    const observing = observe();
    expect(await observing.untilFirst()).toEqual([instance()]);
    await announced(instance({ id: 'b' }));
    await observing.untilHas(instance({ id: 'b' }));
    await all.untilHas(instance({ id: 'b' }));
    expect(all.rejected).toHaveLength(5);
    expect(observing.rejected.map(({ key }) => key).toSorted()).toEqual([
      'goods.big.json',
      'goods.folder.json',
      'goods.half.json',
      'goods.pipe.json',
    ]);
    expect(observing.rejected.every(({ reason }) => reason.code === 'INVALID_RECORD')).toBe(true);
    await writeFile(pathOf(instance({ id: 'half' })), encode({ instance: instance({ id: 'half' }) }));
    await observing.untilHas(instance({ id: 'half' }));
  });

  it('directory is created later: its instances are seen', async () => {
    const observing = observe();
    expect(await observing.untilFirst()).toEqual([]);
    await announced(instance(), open());
    await observing.untilHas(instance());
  });

  it('directory is deleted and created again: lost, then registered and seen again', async () => {
    const observing = observe();
    const announcing = await announced();
    await observing.untilHas(instance());
    await rm(directory, { recursive: true });
    expect((await announcing.failure()).code).toBe('REGISTRATION_LOST');
    await observing.untilHasNot(instance());
    await announced();
    await observing.untilHas(instance());
    await unlink(pathOf());
    await observing.untilHasNot(instance());
  });

  it('directory is replaced by another one: its instances are seen', async () => {
    const observing = observe();
    await announced();
    await observing.untilHas(instance());
    await rename(directory, `${directory}.old`);
    await mkdir(directory);
    await observing.untilHasNot(instance());
    await put(instance({ id: 'b' }));
    await observing.untilHas(instance({ id: 'b' }));
  });
});
