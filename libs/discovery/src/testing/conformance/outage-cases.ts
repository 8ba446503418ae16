import assert from 'node:assert/strict';
import { conformanceCase } from './conformance-case.js';
import { has } from './observing.js';
import type { Trial } from './trial.js';

/** The contract's 15 s, and the pauses of a busy machine. */
const noticedWithinMs = 20_000;
const away = /^(REGISTRY_UNAVAILABLE|REGISTRATION_LOST)$/;

/** Takes the registry away for as long as `work` lasts. */
async function during({ harness }: Trial, work: () => Promise<void>): Promise<void> {
  await harness.outage?.begin();
  try {
    await work();
  } finally {
    await harness.outage?.end();
  }
}

/** One instance that was announced, and a look at it, both of which have failed because the registry went away. */
async function cutOff(trial: Trial, meanwhile: () => Promise<void> = async () => {}) {
  const backend = await trial.open();
  const announcing = await trial.announced(backend);
  const observing = trial.observe(backend);
  await observing.untilHas(announcing.instance);
  await during(trial, async () => {
    const errors = await Promise.all([
      announcing.failure(noticedWithinMs),
      observing.failure(noticedWithinMs),
    ]);
    for (const { code } of errors) assert.match(code, away);
    await meanwhile();
  });
  assert.deepEqual(
    [announcing.abortListeners, observing.abortListeners],
    [0, 0],
    'they still listen to their signals',
  );
  return { backend, instance: announcing.instance, record: announcing.record };
}

export const outageCases = [
  conformanceCase(
    'the registry goes away: both sessions say so within 15 s',
    { needs: ['outage'] },
    async (trial) => {
      await cutOff(trial);
    },
  ),

  conformanceCase(
    'the registry is away: what is begun fails, and does not hang',
    { needs: ['outage'] },
    async (trial) => {
      const backend = await trial.open();
      await during(trial, async () => {
        const [announcing, observing] = [trial.announce(backend), trial.observe(backend)];
        const errors = await Promise.all([
          announcing.failure(noticedWithinMs),
          observing.failure(noticedWithinMs),
        ]);
        for (const { code } of errors) assert.match(code, away);
      });
    },
  ),

  conformanceCase(
    'the registry is away: leaving takes no more than 2 s',
    { needs: ['outage'] },
    async (trial) => {
      const announcing = await trial.announced(await trial.open());
      await during(trial, async () => {
        await announcing.leave();
      });
    },
  ),

  conformanceCase(
    'the registry comes back with its data: the instance is never missing while it announces itself again',
    { needs: ['outage'] },
    async (trial) => {
      const { backend, instance, record } = await cutOff(trial);
      const observing = trial.observe(await trial.open());
      await observing.untilFirst();
      await trial.again(() => trial.announced(backend, instance, record));
      const later = await trial.announced(backend);
      await observing.untilHas(instance, later.instance);
      // An outage longer than a TTL may have cost it its record; from the first sight on it stays.
      const from = observing.sets.findIndex((set) => has(set, instance.id));
      const missing = observing.sets.slice(from).filter((set) => !has(set, instance.id));
      assert.deepEqual(missing, [], 'a set was without it');
    },
  ),

  conformanceCase(
    'the registry comes back empty: what announces itself again is seen',
    { needs: ['wipe'] },
    async (trial) => {
      const { backend, instance, record } = await cutOff(trial, async () => trial.harness.outage?.wipe?.());
      assert.deepEqual(await trial.again(() => trial.observe(backend).untilFirst()), []);
      await trial.again(() => trial.announced(backend, instance, record));
      await trial.observe(backend).untilHas(instance);
    },
  ),
];
