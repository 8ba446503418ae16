import assert from 'node:assert/strict';
import type { Instance } from '../../model/instance.js';
import { conformanceCase } from './conformance-case.js';
import { has } from './observing.js';
import type { Trial } from './trial.js';

/** `instance` as the registry under test is able to show it. */
function asShown(instance: Instance, { harness }: Trial): Partial<Instance> {
  const lost = new Set<string>(harness.allows?.losesFields?.fields);
  return Object.fromEntries(Object.entries(instance).filter(([field]) => !lost.has(field)));
}

export const announceCases = [
  conformanceCase('an instance that announces itself is seen, with every field', {}, async (trial) => {
    const instance = trial.instance({
      weight: 7,
      tags: ['canary', 'größer'],
      metadata: { 'build.url': 'https://ci/1?a=b', empty: '', __proto__x: 'ü' },
      protocol: 'grpc',
      version: '1.4.0-rc.1',
      zone: 'eu-1a',
    });
    const observing = trial.observe(await trial.open());
    await trial.announced(await trial.open(), instance);
    const seen = (await observing.untilHas(instance)).find(({ id }) => id === instance.id);
    for (const [field, value] of Object.entries(asShown(instance, trial))) {
      assert.deepEqual(seen?.[field as keyof Instance], value, `${field} is not what was announced`);
    }
  }),

  conformanceCase('an id of every character that is allowed is seen as it is', {}, async (trial) => {
    const instance = trial.instance({ id: `${trial.service}:Some.Host_7@eu-1` });
    const backend = await trial.open();
    await trial.announced(backend, instance);
    await trial.observe(backend).untilHas(instance);
  }),

  conformanceCase('once it is registered others can see it', {}, async (trial) => {
    const announcing = await trial.announced(await trial.open());
    const first = await trial.observe(await trial.open()).untilFirst();
    assert.ok(has(first, announcing.instance.id), 'the first set after it was registered is without it');
  }),

  conformanceCase('instances of one service do not get in each other’s way', {}, async (trial) => {
    const backend = await trial.open();
    const [a, b] = [await trial.announced(backend), await trial.announced(await trial.open())];
    const observing = trial.observe(backend);
    await observing.untilHas(a.instance, b.instance);
    await a.leave();
    await observing.untilHasNot(a.instance);
    await observing.untilHas(b.instance);
  }),

  conformanceCase('an instance that leaves is gone', {}, async (trial) => {
    const observing = trial.observe(await trial.open());
    const announcing = await trial.announced(await trial.open());
    await observing.untilHas(announcing.instance);
    await announcing.leave();
    await observing.untilHasNot(announcing.instance);
  }),

  conformanceCase(
    'an instance that leaves is seen draining before it is gone',
    { unless: 'leavesWithoutMark' },
    async (trial) => {
      const observing = trial.observe(await trial.open());
      const announcing = await trial.announced(await trial.open());
      await observing.untilHas(announcing.instance);
      await announcing.leave();
      await observing.untilHasNot(announcing.instance);
      const { id } = announcing.instance;
      const last = observing.sets.flat().findLast((instance) => instance.id === id);
      assert.equal(last?.draining, true, 'it went without having been shown as draining');
    },
  ),

  conformanceCase(
    'an instance that leaves before its record is written leaves nothing behind',
    {},
    async (trial) => {
      const backend = await trial.open();
      const announcing = trial.announce(backend);
      announcing.abort();
      await announcing.leave();
      // What comes later is seen, and what was there would have been.
      const later = await trial.announced(backend);
      const set = await trial.observe(await trial.open()).untilHas(later.instance);
      assert.ok(!has(set, announcing.instance.id), 'it is there after it has left');
    },
  ),

  conformanceCase(
    'a record that is deleted is reported as lost, and can be announced again',
    { needs: ['deleteRecord'] },
    async (trial) => {
      const backend = await trial.open();
      const announcing = await trial.announced(backend);
      await trial.harness.deleteRecord?.(announcing.instance);
      assert.equal((await announcing.failure()).code, 'REGISTRATION_LOST');
      assert.equal(announcing.abortListeners, 0, 'a session that has ended still listens to its signal');
      await trial.announced(backend, announcing.instance, announcing.record);
      await trial.observe(backend).untilHas(announcing.instance);
    },
  ),

  conformanceCase(
    'an id that a living instance has is refused to another one, and the first stays',
    { unless: 'takesOverIds' },
    async (trial) => {
      const first = await trial.announced(await trial.open(), trial.instance({ registeredAt: 1_000 }));
      const observing = trial.observe(await trial.open());
      await observing.untilHas(first.instance);
      const second = trial.instance({ id: first.instance.id, registeredAt: 2_000 });
      const { code } = await trial.announce(await trial.open(), second).failure();
      assert.equal(code, 'CONFLICT');
      // What comes later is seen, and the second would have been.
      const later = await trial.announced(await trial.open());
      await observing.untilHas(later.instance);
      const ports = observing.sets.flat().filter(({ id }) => id === first.instance.id);
      assert.deepEqual([...new Set(ports.map(({ port }) => port))], [first.instance.port]);
    },
  ),

  conformanceCase(
    'a record that a stranger overwrites is reported as a conflict, and its first owner takes it back',
    { needs: ['overwriteRecord'], unless: 'takesOverIds' },
    async (trial) => {
      const backend = await trial.open();
      const first = await trial.announced(backend, trial.instance({ registeredAt: 1_000 }));
      const { id, port } = first.instance;
      await trial.harness.overwriteRecord?.(trial.instance({ id, registeredAt: 2_000 }));
      assert.equal((await first.failure()).code, 'CONFLICT');
      await trial.announced(backend, first.instance, first.record);
      await trial
        .observe(backend)
        .until(`${id} at port ${port}`, (set) =>
          set.some((instance) => instance.id === id && instance.port === port),
        );
    },
  ),
];
