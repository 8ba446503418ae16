import { mkdir, mkdtemp, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileBackend } from '../file/index.js';
import { newOwner } from '../file/owner.js';
import { fileName } from '../file/record.js';
import { writeRecord } from '../file/record-file.js';
import { conformanceCases, type ConformanceHarness } from './conformance.js';
import { MemoryRegistry } from './memory-registry.js';
import { type Defect, keyOf, ToyRegistry } from './toy-registry.spec.fixture.js';

/** Each defect, and a case that must fail with it. */
const caughtBy: Record<Defect, string> = {
  'write: a field is missing': 'an instance registers: it is observed with every field',
  'write: resolves before others see the record':
    'an instance has registered: the first set of another handle has it',
  'write: the last writer of an id wins':
    'a live instance owns the id, another one registers with it: CONFLICT, and the first one stays',
  'write: does not take back a record that was overwritten':
    'another instance overwrites the record: CONFLICT, and the first owner can take it back',
  'write: ignores a change of its own record': 'an instance is updated in place: no set is without it',
  'write: deletes the old record first':
    'the registry comes back with its data, the instance registers again: no set lacks it',
  'keep: does not notice that the record was deleted':
    'the record is deleted: REGISTRATION_LOST, and the instance can register again',
  'keep: leaves a listener on its signal':
    'the record is deleted: REGISTRATION_LOST, and the instance can register again',
  'markDraining: does nothing': 'an instance deregisters: it is observed as draining before it is removed',
  'remove: never ends': 'an instance deregisters: it is removed',
  'remove: does nothing': 'an instance deregisters: it is removed',
  'observe: yields nothing until there is an instance': 'a service without instances: the first set is empty',
  'observe: matches by prefix': 'a service name is the prefix of another one: their instances stay apart',
  'observe: begins empty': 'several instances are registered: the first set has all of them',
  'observe: misses changes while its consumer is busy': 'a slow consumer: it gets the last set',
  'observe: an unreadable record ends it':
    'an unreadable record: only that record is left out, and reported with its key',
  'observe: does not report an unreadable record':
    'an unreadable record: only that record is left out, and reported with its key',
  'observe: an abort is an error':
    'a session is aborted, before its first set or later: it ends without an error',
  'observe: an abort ends every session': 'two sessions observe a service, one ends: the other one goes on',
  'observe: the catalogue is a snapshot': 'observeAll, instances register and deregister: the sets follow',
  'all: hang when the registry is unavailable': 'the registry stops: both sessions fail within 15 s',
  'all: throw errors other than DiscoveryError': 'the registry stops: both sessions fail within 15 s',
};

function suite(harness: ConformanceHarness): void {
  it.for(conformanceCases.map((each) => [each.name, each] as const))(
    '%s',
    { timeout: 60_000 },
    async ([, each]) => {
      expect(each.skipped(harness)).toBeUndefined();
      await each.run(harness);
    },
  );
}

describe('memory', () => {
  const memory = new MemoryRegistry();
  suite({
    open: () => memory.open(),
    writeUnreadable: (service) => memory.putUnreadable(service),
    deleteRecord: ({ id }) => memory.remove(id),
    overwriteRecord: (instance) => memory.put(instance),
    outage: { begin: () => memory.outage(true), end: () => memory.outage(false), wipe: () => memory.wipe() },
    resources: () => memory.sessions,
  });
});

describe('directory', () => {
  let parent: string;
  const directory = () => join(parent, 'registry');
  const moved = () => join(parent, 'moved');

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'rollcall-conformance-'));
  });
  afterAll(() => rm(parent, { recursive: true, force: true }));

  suite({
    open: () => fileBackend({ directory: directory() }),
    writeUnreadable: (service) => writeFile(join(directory(), `${service}.junk.json`), '{"instance":'),
    deleteRecord: (instance) => unlink(join(directory(), fileName(instance))),
    overwriteRecord: async (instance) => {
      const record = { instance, owner: newOwner() };
      await writeRecord(join(directory(), fileName(instance)), record, { overwrite: true });
    },
    outage: {
      // A file in place of the directory: unreadable even for root.
      begin: async () => {
        await mkdir(directory(), { recursive: true });
        await rename(directory(), moved());
        await writeFile(directory(), '');
      },
      end: async () => {
        await unlink(directory());
        await rename(moved(), directory());
      },
      wipe: async () => {
        await rm(moved(), { recursive: true });
        await mkdir(moved());
      },
    },
    resources: () => watchedDirectories(),
  });
});

/** How many directories this process watches, from Linux' procfs. */
async function watchedDirectories(): Promise<number> {
  if (process.platform !== 'linux') return 0;
  const infos = (await readdir('/proc/self/fdinfo')).map((fd) =>
    readFile(`/proc/self/fdinfo/${fd}`, 'utf8').catch(() => ''),
  );
  return (await Promise.all(infos)).join('').match(/^inotify /gm)?.length ?? 0;
}

function toyHarness(defect?: Defect): ConformanceHarness {
  const toy = new ToyRegistry();
  const setAvailable = (isAvailable: boolean) => {
    toy.isAvailable = isAvailable;
    toy.changed();
  };
  return {
    open: () => toy.open(defect),
    writeUnreadable: (service) => toy.put(`${service}/junk`, '{"instance":'),
    deleteRecord: (instance) => toy.delete(keyOf(instance)),
    overwriteRecord: (instance) => toy.put(keyOf(instance), JSON.stringify({ instance, owner: 0 })),
    outage: {
      begin: () => setAvailable(false),
      end: () => setAvailable(true),
      wipe: () => toy.texts.clear(),
    },
    resources: () => toy.listenerCount('change'),
  };
}

describe('a third party’s backend', () => {
  suite(toyHarness());
});

describe('a third party’s backend with a defect', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** The names of the failing cases, with fake timers. */
  async function failures(defect: Defect): Promise<string[]> {
    const failed: string[] = [];
    for (const each of conformanceCases) {
      const outcome = each.run(toyHarness(defect)).then(
        () => undefined,
        () => failed.push(each.name),
      );
      await vi.advanceTimersByTimeAsync(120_000);
      await outcome;
    }
    return failed;
  }

  it.each(Object.entries(caughtBy) as [Defect, string][])('%s: a case fails', async (defect, name) => {
    expect(conformanceCases.map((each) => each.name)).toContain(name);
    expect(await failures(defect)).toContain(name);
  });
});
