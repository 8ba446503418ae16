import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backend } from '../backend/backend.js';
import { defineInstance, type Instance, type InstanceInit } from '../model/instance.js';
import { withdraw } from '../registering/announce.js';
import { AnnounceRun } from '../testing/conformance/announce-run.js';
import { ObserveRun } from '../testing/conformance/observe-run.js';
import { fileBackend, type FileOptions } from './index.js';
import { newOwner, type Owner } from './owner.js';
import { encode, fileName } from './record.js';

const timeoutMs = 5_000;

let parent: string;
let directory: string;
let backend: Backend;
let sessions: (AnnounceRun | ObserveRun)[];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'rollcall-file-'));
  directory = join(parent, 'registry');
  backend = open();
  sessions = [];
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(sessions.map((each) => (each instanceof ObserveRun ? each.stop() : each.leave())));
  await rm(parent, { recursive: true, force: true });
});

/** Without `staleAfterMs`, nothing becomes stale. */
function open(options: Partial<FileOptions> = {}): Backend {
  return fileBackend({ directory, heartbeatMs: 100, staleAfterMs: 60_000, scanIntervalMs: 50, ...options });
}
function instance(more: Partial<InstanceInit> = {}): Instance {
  return defineInstance({ id: 'a', service: 'goods', host: '127.0.0.1', port: 1, ...more });
}
function announce(what = instance(), by = backend): AnnounceRun {
  const announcing = new AnnounceRun(by, what, timeoutMs);
  sessions.push(announcing);
  return announcing;
}
async function announced(what = instance(), by = backend): Promise<AnnounceRun> {
  const announcing = announce(what, by);
  await announcing.registered();
  return announcing;
}
function observe(by = backend): ObserveRun {
  const observing = new ObserveRun(by, 'goods', timeoutMs);
  sessions.push(observing);
  return observing;
}
const pathOf = (of = instance()) => join(directory, fileName(of));

/** Writes a record as another process would. */
async function put(what: Instance, owner?: Owner): Promise<void> {
  await mkdir(directory, { recursive: true });
  const temporary = join(directory, 'elsewhere.tmp');
  await writeFile(temporary, encode({ instance: what, ...(owner && { owner }) }));
  await rename(temporary, pathOf(what));
}
/** Makes a file stale. */
async function age(path: string): Promise<void> {
  const longAgo = new Date(Date.now() - 61_000);
  await utimes(path, longAgo, longAgo);
}
/** Of another machine. */
const foreign: Owner = { ...newOwner(), where: 'elsewhere' };
const dead: Owner = { ...newOwner(), pid: 2 ** 22 + 1 };

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

describe('a registered instance', () => {
  it('creates a directory and a file that other users may not read', async () => {
    await announced();
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(pathOf())).mode & 0o777).toBe(0o600);
  });

  it('deregisters: only the directory is left', async () => {
    const announcing = await announced();
    await announcing.leave();
    expect(await readdir(directory)).toEqual([]);
  });

  it('touches its file without writing it', async () => {
    await announced();
    const before = await stat(pathOf(), { bigint: true });
    await vi.waitFor(async () => {
      const now = await stat(pathOf(), { bigint: true });
      expect(now.mtimeNs).toBeGreaterThan(before.mtimeNs);
      expect(now.ino).toBe(before.ino);
    });
  });

  it.each([
    ['of a dead process', () => put(instance({ port: 2 }), dead)],
    ['that is stale', () => put(instance({ port: 2 }), foreign).then(() => age(pathOf()))],
    ['that is unreadable', () => mkdir(directory).then(() => writeFile(pathOf(), '{'))],
  ])('replaces a record %s', async (_, prepare) => {
    await prepare();
    await announced();
    expect(await observe().untilFirst()).toEqual([instance()]);
  });

  it('record of an owner that may be alive: CONFLICT', async () => {
    await put(instance({ port: 2 }), foreign);
    expect((await announce().failure()).message).toMatch(
      /^CONFLICT: .*goods\.a\.json is owned by process \d+, which is alive/,
    );
  });

  it('its file is written by another process: REGISTRATION_LOST, and the next write restores it', async () => {
    const announcing = await announced();
    await writeFile(pathOf(), (await readFile(pathOf(), 'utf8')).replace('127.0.0.1', '127.0.0.9'));
    expect((await announcing.failure()).code).toBe('REGISTRATION_LOST');
    await announced();
    expect(await readFile(pathOf(), 'utf8')).toContain('127.0.0.1');
  });

  it('deregisters after another owner took the record: it is kept', async () => {
    const announcing = await announced();
    await put(instance({ port: 2 }), foreign);
    announcing.abort();
    await vi.waitFor(() => expect(announcing.hasEnded).toBe(true));
    expect(await readFile(pathOf(), 'utf8')).toContain('elsewhere');
  });

  it('removes the record of an earlier session of its handle', async () => {
    await announced();
    await withdraw(backend.ownRecord(instance()));
    expect(existsSync(pathOf())).toBe(false);
  });

  it('removes expired records and temporary files of dead processes', async () => {
    const [old, fresh] = [instance({ id: 'old' }), instance({ id: 'fresh' })];
    const [half, theirs] = [
      join(directory, `.${crypto.randomUUID()}.tmp`),
      join(directory, 'goods.notes.json'),
    ];
    await put(old, dead);
    await put(fresh, dead);
    await put(instance({ id: 'unseen' }), foreign);
    await writeFile(half, '{');
    await writeFile(theirs, '{');
    for (const path of [pathOf(old), pathOf(instance({ id: 'unseen' })), half, theirs]) await age(path);
    await announced();
    await vi.waitFor(async () => {
      expect((await readdir(directory)).toSorted()).toEqual([
        'goods.a.json',
        'goods.fresh.json',
        'goods.notes.json',
        'goods.unseen.json',
      ]);
    });
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
