import assert from 'node:assert/strict';
import { conformanceCase } from './conformance-case.js';
import { has } from './observe-run.js';
import type { CaseRun } from './case-run.js';

/** The contract's 15 s, plus a margin for a busy machine. */
const failWithinMs = 20_000;
const outageCodes = /^(REGISTRY_UNAVAILABLE|REGISTRATION_LOST)$/;

/** Stops the registry while `work` runs. */
async function duringOutage({ harness }: CaseRun, work: () => Promise<void>): Promise<void> {
  await harness.outage?.begin();
  try {
    await work();
  } finally {
    await harness.outage?.end();
  }
}

/** Announces an instance and observes it, and stops the registry until both sessions have failed. */
async function failByOutage(run: CaseRun, meanwhile: () => Promise<void> = async () => {}) {
  const backend = await run.open();
  const announcing = await run.announced(backend);
  const observing = run.observe(backend);
  await observing.untilHas(announcing.instance);
  await duringOutage(run, async () => {
    const errors = await Promise.all([announcing.failure(failWithinMs), observing.failure(failWithinMs)]);
    for (const { code } of errors) assert.match(code, outageCodes);
    await meanwhile();
  });
  assert.deepEqual(
    [announcing.abortListeners, observing.abortListeners],
    [0, 0],
    'they have left listeners on their signals',
  );
  return { backend, instance: announcing.instance, record: announcing.record };
}

export const outageCases = [
  conformanceCase(
    'the registry stops: both sessions fail within 15 s',
    { needs: ['outage'] },
    async (run) => {
      await failByOutage(run);
    },
  ),

  conformanceCase(
    'the registry is unavailable: new sessions fail and do not hang',
    { needs: ['outage'] },
    async (run) => {
      const backend = await run.open();
      await duringOutage(run, async () => {
        const [announcing, observing] = [run.announce(backend), run.observe(backend)];
        const errors = await Promise.all([announcing.failure(failWithinMs), observing.failure(failWithinMs)]);
        for (const { code } of errors) assert.match(code, outageCodes);
      });
    },
  ),

  conformanceCase(
    'the registry is unavailable, an instance deregisters: it takes at most 2 s',
    { needs: ['outage'], unless: 'watchOnly' },
    async (run) => {
      const announcing = await run.announced(await run.open());
      await duringOutage(run, async () => {
        await announcing.leave();
      });
    },
  ),

  conformanceCase(
    'the registry comes back with its data, the instance registers again: no set lacks it',
    { needs: ['outage'] },
    async (run) => {
      const { backend, instance, record } = await failByOutage(run);
      const observing = run.observe(await run.open());
      await observing.untilFirst();
      await run.retry(() => run.announced(backend, instance, record));
      const later = await run.announced(backend);
      await observing.untilHas(instance, later.instance);
      // An outage longer than the TTL may have removed the record; once observed, it must stay.
      const from = observing.sets.findIndex((set) => has(set, instance.id));
      const missing = observing.sets.slice(from).filter((set) => !has(set, instance.id));
      assert.deepEqual(missing, [], 'a set lacks the instance');
    },
  ),

  conformanceCase(
    'the registry comes back empty, the instance registers again: it is observed',
    { needs: ['wipe'] },
    async (run) => {
      const { backend, instance, record } = await failByOutage(run, async () => run.harness.outage?.wipe?.());
      assert.deepEqual(await run.retry(() => run.observe(backend).untilFirst()), []);
      await run.retry(() => run.announced(backend, instance, record));
      await run.observe(backend).untilHas(instance);
    },
  ),
];
