import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Participant } from './participant.js';
import type { StartParticipant } from './participants.js';

export const hourMs = 3_600_000;
/** For `forMs`, the registration of `a` and the list of `a` do not change. */
export async function expectSteady(owner: Participant, observer: Participant, forMs: number): Promise<void> {
  const seen = new Set<string>();
  for (const from = performance.now(); performance.now() - from < forMs; await sleep(20)) {
    const { source, ids, held } = observer.watch();
    seen.add(`${owner.status.registrations['a']}; ${source}: ${ids.join()}; ${held} held`);
  }
  expect([...seen]).toEqual(['registered; live: a; 0 held']);
}

/** The clocks of all processes jump: registration and list stay, and changes are seen as before. */
export async function expectUnaffected(start: StartParticipant, url: string, ttlMs: number): Promise<void> {
  const [owner, observer] = await Promise.all([start(url), start(url)]);
  owner.register('a');
  observer.send({ watch: 'inventory' });
  await owner.untilRegistered('a');
  await observer.untilLists(1);
  for (const clockOffsetMs of [hourMs, -hourMs]) {
    for (const each of [owner, observer]) each.send({ clockOffsetMs });
    await expectSteady(owner, observer, ttlMs + 500);
  }
  expect([owner.status.lastLogged, observer.status.lastLogged]).toEqual([[], []]);

  owner.register('b', 2);
  await observer.untilLists(2, 'inventory', 2_000);
  const newcomer = await start(url);
  newcomer.send({ clockOffsetMs: -hourMs, watch: 'inventory' });
  await newcomer.untilLists(2, 'inventory', 3_000);
  await owner.close();
  await observer.untilLists(0, 'inventory', 3_000);
}
