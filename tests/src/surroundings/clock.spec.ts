import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { expectSteady, expectUnaffected, hourMs } from './clock-jumps.js';
import { participants } from './participants.js';
import { scratchDirectory } from './surrounding-directory.js';

const scratch = scratchDirectory();
const start = participants();
/** How long a record of these tests lives without a heartbeat, in ms. */
const ttlMs = 3_000;

describe('a file registry', () => {
  let url: string;
  beforeEach(async () => {
    url = `file://${scratch.path}/registry?heartbeatMs=500&staleAfterMs=${ttlMs}`;
  });

  it('all clocks jump an hour ahead, then two back: registration and list stay', () =>
    expectUnaffected(start, url, ttlMs));

  it('the clock of the owner alone jumps: registration and list stay; when it hangs, that is noticed', async () => {
    const [owner, observer] = await Promise.all([start(url), start(url)]);
    owner.register('a');
    observer.send({ watch: 'inventory' });
    await observer.untilLists(1);
    for (const clockOffsetMs of [hourMs, -hourMs]) {
      owner.send({ clockOffsetMs });
      await expectSteady(owner, observer, ttlMs + 500);
    }
    owner.process.signal('SIGSTOP');
    await observer.until(
      'the owner that hangs is held back',
      () => observer.watch().held === 1,
      ttlMs + 3_000,
    );
    owner.process.signal('SIGCONT');
    await observer.until('it is live', () => observer.watch().held === 0);
  });

  it.each([
    ['ahead', hourMs],
    ['back', -hourMs],
  ])(
    'all clocks jump an hour %s: an id stays with its first owner; the second gets a CONFLICT',
    async (_, clockOffsetMs) => {
      const [owner, other] = await Promise.all([start(url), start(url)]);
      owner.register('a');
      await owner.untilRegistered('a');
      for (const each of [owner, other]) each.send({ clockOffsetMs });
      // Until the next heartbeat, the record looks an hour older.
      await sleep(700);
      other.register('a', 2);
      await other.until(
        'a CONFLICT',
        ({ status }) => /CONFLICT/.test(status.registrations['a'] ?? ''),
        3_000,
      );
      expect(owner.status.registrations['a']).toBe('registered');
    },
  );

  it('a script touches its record with a clock that is an hour ahead or behind: it is listed until that ends', async () => {
    const directory = join(scratch.path, 'registry');
    await mkdir(directory, { mode: 0o700 });
    const ids = ['ahead', 'behind'] as const;
    const pathOf = (id: string) => join(directory, `inventory.${id}.json`);
    for (const [i, id] of ids.entries()) {
      const instance = { id, service: 'inventory', host: '127.0.0.1', port: i + 1 };
      await writeFile(pathOf(id), JSON.stringify({ instance }));
    }
    const touching = setInterval(() => {
      for (const id of ids) {
        const seconds = (Date.now() + (id === 'ahead' ? hourMs : -hourMs)) / 1_000;
        void utimes(pathOf(id), seconds, seconds);
      }
    }, 200);
    try {
      const observer = await start(url);
      observer.send({ watch: 'inventory' });
      await observer.untilLists(2, 'inventory', 3_000);
      await sleep(ttlMs);
      expect(observer.watch()).toMatchObject({ ids: ['ahead', 'behind'], held: 0 });
      clearInterval(touching);
      await observer.until('both are held back', () => observer.watch().held === 2, ttlMs + 3_000);
    } finally {
      clearInterval(touching);
    }
  });
});
