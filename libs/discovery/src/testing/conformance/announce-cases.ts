import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Instance } from '../../model/instance.js';
import { conformanceCase } from './conformance-case.js';
import { has } from './observe-run.js';
import type { CaseRun } from './case-run.js';

/** `instance` without the fields that this registry cannot hold. */
function withoutLostFields(instance: Instance, { harness }: CaseRun): Partial<Instance> {
  const lost = new Set<string>(harness.allows?.losesFields?.fields);
  return Object.fromEntries(Object.entries(instance).filter(([field]) => !lost.has(field)));
}

export const announceCases = [
  conformanceCase('an instance registers: it is observed with every field', {}, async (run) => {
    const instance = run.instance({
      weight: 7,
      tags: ['canary', 'größer'],
      metadata: { 'build.url': 'https://ci/1?a=b', empty: '', __proto__x: 'ü' },
      protocol: 'grpc',
      version: '1.4.0-rc.1',
      zone: 'eu-1a',
    });
    const observing = run.observe(await run.open());
    await run.announced(await run.open(), instance);
    const seen = (await observing.untilHas(instance)).find(({ id }) => id === instance.id);
    for (const [field, value] of Object.entries(withoutLostFields(instance, run))) {
      assert.deepEqual(seen?.[field as keyof Instance], value, `${field} differs from the announced value`);
    }
  }),

  conformanceCase(
    'an id contains every allowed kind of character: it is observed unchanged',
    { needsField: 'id' },
    async (run) => {
      const instance = run.instance({ id: `${run.service}:Some.Host_7@eu-1` });
      const backend = await run.open();
      await run.announced(backend, instance);
      await run.observe(backend).untilHas(instance);
    },
  ),

  conformanceCase('an instance has registered: the first set of another handle has it', {}, async (run) => {
    const announcing = await run.announced(await run.open());
    const first = await run.observe(await run.open()).untilFirst();
    assert.ok(has(first, announcing.instance.id), 'the first set lacks the registered instance');
  }),

  conformanceCase('two instances, one deregisters: the other one stays', {}, async (run) => {
    const backend = await run.open();
    const [a, b] = [await run.announced(backend), await run.announced(await run.open())];
    const observing = run.observe(backend);
    await observing.untilHas(a.instance, b.instance);
    await a.leave();
    await observing.untilHasNot(a.instance);
    await observing.untilHas(b.instance);
  }),

  conformanceCase('an instance is updated in place: no set is without it', {}, async (run) => {
    const [backend, other] = [await run.open(), await run.open()];
    const announcing = await run.announced(backend, run.instance({ zone: 'eu-1a', metadata: { a: '1' } }));
    const { id } = announcing.instance;
    const observing = run.observe(other);
    await observing.untilHas(announcing.instance);
    for (const weight of [2, 3, 4]) {
      const update = { weight, tags: [`t-${weight}`], metadata: { b: `${weight}` }, version: `1.${weight}` };
      await announcing.replace({ ...update, zone: weight === 4 ? undefined : 'eu-1b' });
      const shown = withoutLostFields(announcing.instance, run);
      const isShown = (set: readonly Instance[]) =>
        set.some(
          (instance) =>
            instance.id === id &&
            Object.entries(shown).every(([field, value]) =>
              isDeepStrictEqual(instance[field as keyof Instance], value),
            ),
        );
      assert.ok(
        isShown(await run.observe(other).untilFirst()),
        `update ${weight} was not visible when it resolved`,
      );
      await observing.until(`update ${weight}`, isShown);
    }
    const from = observing.sets.findIndex((set) => has(set, id));
    const missing = observing.sets
      .slice(from)
      .filter((set) => !set.some((each) => each.id === id && !each.draining));
    assert.deepEqual(missing, [], 'a set was without it');
    await announcing.leave();
    await observing.untilHasNot(announcing.instance);
  }),

  conformanceCase('an instance deregisters: it is removed', {}, async (run) => {
    const observing = run.observe(await run.open());
    const announcing = await run.announced(await run.open());
    await observing.untilHas(announcing.instance);
    await announcing.leave();
    await observing.untilHasNot(announcing.instance);
  }),

  conformanceCase(
    'an instance deregisters: it is observed as draining before it is removed',
    { unless: 'lacksDraining' },
    async (run) => {
      const observing = run.observe(await run.open());
      const announcing = await run.announced(await run.open());
      await observing.untilHas(announcing.instance);
      await announcing.leave();
      await observing.untilHasNot(announcing.instance);
      const { id } = announcing.instance;
      const last = observing.sets.flat().findLast((instance) => instance.id === id);
      assert.equal(last?.draining, true, 'it was removed without being observed as draining');
    },
  ),

  conformanceCase(
    'an instance deregisters before its record is written: no record is left',
    { unless: 'watchOnly' },
    async (run) => {
      const backend = await run.open();
      const announcing = run.announce(backend);
      announcing.abort();
      await announcing.leave();
      // Once a later instance is observed, an earlier one would have been observed too.
      const later = await run.announced(backend);
      const set = await run.observe(await run.open()).untilHas(later.instance);
      assert.ok(!has(set, announcing.instance.id), 'its record is still there');
    },
  ),

  conformanceCase(
    'the record is deleted: REGISTRATION_LOST, and the instance can register again',
    { needs: ['deleteRecord'], unless: 'watchOnly' },
    async (run) => {
      const backend = await run.open();
      const announcing = await run.announced(backend);
      await run.harness.deleteRecord?.(announcing.instance);
      assert.equal((await announcing.failure()).code, 'REGISTRATION_LOST');
      assert.equal(announcing.abortListeners, 0, 'the ended session has left a listener on its signal');
      await run.announced(backend, announcing.instance, announcing.record);
      await run.observe(backend).untilHas(announcing.instance);
    },
  ),

  conformanceCase(
    'a live instance owns the id, another one registers with it: CONFLICT, and the first one stays',
    { unless: ['replacesLiveOwners', 'watchOnly'] },
    async (run) => {
      const first = await run.announced(await run.open(), run.instance({ registeredAt: 1_000 }));
      const observing = run.observe(await run.open());
      await observing.untilHas(first.instance);
      const second = run.instance({ id: first.instance.id, registeredAt: 2_000 });
      const { code } = await run.announce(await run.open(), second).failure();
      assert.equal(code, 'CONFLICT');
      // Once a later instance is observed, the second one would have been observed too.
      const later = await run.announced(await run.open());
      await observing.untilHas(later.instance);
      const ports = observing.sets.flat().filter(({ id }) => id === first.instance.id);
      assert.deepEqual([...new Set(ports.map(({ port }) => port))], [first.instance.port]);
    },
  ),

  conformanceCase(
    'another instance overwrites the record: CONFLICT, and the first owner can take it back',
    { needs: ['overwriteRecord'], unless: ['replacesLiveOwners', 'watchOnly'] },
    async (run) => {
      const backend = await run.open();
      const first = await run.announced(backend, run.instance({ registeredAt: 1_000 }));
      const { id, port } = first.instance;
      await run.harness.overwriteRecord?.(run.instance({ id, registeredAt: 2_000 }));
      assert.equal((await first.failure()).code, 'CONFLICT');
      await run.announced(backend, first.instance, first.record);
      await run
        .observe(backend)
        .until(`${id} at port ${port}`, (set) =>
          set.some((instance) => instance.id === id && instance.port === port),
        );
    },
  ),
];
