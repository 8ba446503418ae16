import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DiscoveryError } from '../../model/errors.js';
import { conformanceCase } from './conformance-case.js';
import { has } from './observing.js';

export const observeCases = [
  conformanceCase('a service that nobody serves: the first set comes, and is empty', {}, async (trial) => {
    assert.deepEqual(await trial.observe(await trial.open()).untilFirst(), []);
  }),

  conformanceCase('the first set is all that is there', {}, async (trial) => {
    const backend = await trial.open();
    const [a, b] = [await trial.announced(backend), await trial.announced(backend)];
    const ids = (await trial.observe(await trial.open()).untilFirst()).map(({ id }) => id);
    assert.deepEqual(new Set(ids), new Set([a.instance.id, b.instance.id]));
  }),

  conformanceCase('a service is not mixed up with one whose name begins with its name', {}, async (trial) => {
    const backend = await trial.open();
    const [short, long] = [trial.observe(backend), trial.observe(backend, `${trial.service}2`)];
    const a = await trial.announced(backend);
    const b = await trial.announced(backend, trial.instance({ service: `${trial.service}2` }));
    await short.untilHas(a.instance);
    await long.untilHas(b.instance);
    assert.ok(
      !short.sets.some((set) => has(set, b.instance.id)),
      `${trial.service} has an instance of the other`,
    );
    assert.ok(
      !long.sets.some((set) => has(set, a.instance.id)),
      `${trial.service}2 has an instance of the other`,
    );
  }),

  conformanceCase(
    'two who look see the same, and the end of one is not that of the other',
    {},
    async (trial) => {
      const backend = await trial.open();
      const [one, other] = [trial.observe(backend), trial.observe(backend)];
      const a = await trial.announced(backend);
      await Promise.all([one.untilHas(a.instance), other.untilHas(a.instance)]);
      await one.stop();
      const b = await trial.announced(backend);
      await other.untilHas(a.instance, b.instance);
    },
  ),

  conformanceCase(
    'a look ends when it is aborted: before its first set, and while it waits',
    {},
    async (trial) => {
      const backend = await trial.open();
      await trial.observe(backend).stop();
      const waiting = trial.observe(backend);
      await waiting.untilFirst();
      await waiting.stop();
      assert.deepEqual([waiting.abortListeners, waiting.sets.length > 0], [0, true]);
    },
  ),

  conformanceCase('a look that its consumer breaks off ends', {}, async (trial) => {
    const backend = await trial.open();
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), trial.patienceMs);
    let sets = 0;
    for await (const _ of backend.observe(trial.service, { signal: stop.signal, rejected: () => {} })) {
      sets += 1;
      break;
    }
    clearTimeout(timer);
    assert.equal(sets, 1, 'the first set did not come');
    assert.equal(getEventListeners(stop.signal, 'abort').length, 0, 'it still listens to its signal');
  }),

  conformanceCase('a consumer that is slow may miss sets, but not the last one', {}, async (trial) => {
    const backend = await trial.open();
    const [slow, quick] = [trial.observe(backend), trial.observe(backend)];
    await slow.untilFirst();
    const resume = slow.pause();
    const announced = [];
    for (let i = 0; i < 5; i++) announced.push((await trial.announced(backend)).instance);
    await quick.untilHas(...announced);
    resume();
    await slow.untilHas(...announced);
  }),

  conformanceCase(
    'a record that nobody can read is left out alone, and reported with its key',
    { needs: ['writeUnreadable'] },
    async (trial) => {
      const backend = await trial.open();
      const announcing = await trial.announced(backend);
      const watching = trial.observe(backend);
      await watching.untilHas(announcing.instance);
      await trial.harness.writeUnreadable?.(trial.service);
      await watching.untilRejected();
      const late = trial.observe(backend);
      const first = await late.untilFirst();
      await late.untilRejected();
      for (const { rejected } of [watching, late]) {
        assert.ok(rejected.every(({ key, reason }) => key !== '' && reason instanceof DiscoveryError));
      }
      assert.deepEqual(
        first.map(({ id }) => id),
        [announcing.instance.id],
      );
      const later = await trial.announced(backend);
      await watching.untilHas(announcing.instance, later.instance);
    },
  ),

  conformanceCase('one look at all services sees them come, change and go', {}, async (trial) => {
    const [backend, other] = [await trial.open(), await trial.open()];
    const a = await trial.announced(other);
    const all = trial.observeAll(backend);
    assert.ok(has(await all.untilFirst(), a.instance.id), 'the first set is without what was there');
    const b = await trial.announced(other, trial.instance({ service: `${trial.service}-b` }));
    const set = await all.untilHas(a.instance, b.instance);
    const services = set
      .filter(({ id }) => id === a.instance.id || id === b.instance.id)
      .map(({ service }) => service);
    assert.deepEqual(new Set(services), new Set([a.instance.service, b.instance.service]));
    await b.leave();
    await all.untilHasNot(b.instance);
    await all.untilHas(a.instance);
  }),

  conformanceCase('sessions that have ended hold nothing', { needs: ['resources'] }, async (trial) => {
    const backend = await trial.open();
    const session = async () => {
      const announcing = await trial.announced(backend);
      const looks = [trial.observe(backend), trial.observe(backend), trial.observeAll(backend)];
      await Promise.all(looks.map((look) => look.untilHas(announcing.instance)));
      await Promise.all([announcing.leave(), ...looks.map((look) => look.stop())]);
    };
    // What a first session makes once and for all is not a leak.
    await session();
    const before = await trial.harness.resources?.(backend);
    for (let i = 0; i < 10; i++) await session();
    // What is closed takes a moment to be gone.
    const deadline = performance.now() + trial.patienceMs;
    while ((await trial.harness.resources?.(backend)) !== before && performance.now() < deadline)
      await delay(20);
    assert.equal(await trial.harness.resources?.(backend), before);
  }),
];
