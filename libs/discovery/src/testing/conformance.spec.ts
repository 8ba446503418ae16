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

/** Each defect, and a case that must not pass with it. */
const caughtBy: Record<Defect, string> = {
  'write: a field is missing': 'an instance that announces itself is seen, with every field',
  'write: resolves before others see the record': 'once it is registered others can see it',
  'write: the last writer of an id wins':
    'an id that a living instance has is refused to another one, and the first stays',
  'write: does not take back a record that was overwritten':
    'a record that a stranger overwrites is reported as a conflict, and its first owner takes it back',
  'write: deletes the old record first':
    'the registry comes back with its data: the instance is never missing while it announces itself again',
  'keep: does not notice that the record was deleted':
    'a record that is deleted is reported as lost, and can be announced again',
  'keep: leaves a listener on its signal':
    'a record that is deleted is reported as lost, and can be announced again',
  'markDraining: does nothing': 'an instance that leaves is seen draining before it is gone',
  'remove: never ends': 'an instance that leaves is gone',
  'remove: does nothing': 'an instance that leaves is gone',
  'observe: yields nothing until there is an instance':
    'a service that nobody serves: the first set comes, and is empty',
  'observe: matches by prefix': 'a service is not mixed up with one whose name begins with its name',
  'observe: begins empty': 'the first set is all that is there',
  'observe: misses changes while its consumer is busy':
    'a consumer that is slow may miss sets, but not the last one',
  'observe: an unreadable record ends it':
    'a record that nobody can read is left out alone, and reported with its key',
  'observe: does not report an unreadable record':
    'a record that nobody can read is left out alone, and reported with its key',
  'observe: an abort is an error': 'a look ends when it is aborted: before its first set, and while it waits',
  'observe: an abort ends every session':
    'two who look see the same, and the end of one is not that of the other',
  'observe: the catalogue is a snapshot': 'one look at all services sees them come, change and go',
  'all: hang when the registry is unavailable': 'the registry goes away: both sessions say so within 15 s',
  'all: throw errors other than DiscoveryError': 'the registry goes away: both sessions say so within 15 s',
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

describe('the registry in memory', () => {
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

describe('a directory', () => {
  let parent: string;
  const directory = () => join(parent, 'registry');
  const hidden = () => join(parent, 'hidden');

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
      // A file where the directory was: it is there, and nothing in it can be reached, not even by root.
      begin: async () => {
        await mkdir(directory(), { recursive: true });
        await rename(directory(), hidden());
        await writeFile(directory(), '');
      },
      end: async () => {
        await unlink(directory());
        await rename(hidden(), directory());
      },
      wipe: async () => {
        await rm(hidden(), { recursive: true });
        await mkdir(hidden());
      },
    },
    resources: () => watchedDirectories(),
  });
});

/** How many directories this process watches, as Linux tells. */
async function watchedDirectories(): Promise<number> {
  if (process.platform !== 'linux') return 0;
  const infos = (await readdir('/proc/self/fdinfo')).map((fd) =>
    readFile(`/proc/self/fdinfo/${fd}`, 'utf8').catch(() => ''),
  );
  return (await Promise.all(infos)).join('').match(/^inotify /gm)?.length ?? 0;
}

function toyHarness(defect?: Defect): ConformanceHarness {
  const toy = new ToyRegistry();
  const setAway = (away: boolean) => {
    toy.away = away;
    toy.changed();
  };
  return {
    open: () => toy.open(defect),
    writeUnreadable: (service) => toy.put(`${service}/junk`, '{"instance":'),
    deleteRecord: (instance) => toy.delete(keyOf(instance)),
    overwriteRecord: (instance) => toy.put(keyOf(instance), JSON.stringify({ instance, owner: 0 })),
    outage: { begin: () => setAway(true), end: () => setAway(false), wipe: () => toy.texts.clear() },
    resources: () => toy.listenerCount('change'),
  };
}

describe('a third party’s backend', () => {
  suite(toyHarness());
});

describe('a third party’s backend that is wrong', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** The cases that fail. In a time of its own, in which no wait takes long. */
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

  it.each(Object.entries(caughtBy) as [Defect, string][])('%s: caught', async (defect, name) => {
    expect(conformanceCases.map((each) => each.name)).toContain(name);
    expect(await failures(defect)).toContain(name);
  });
});
