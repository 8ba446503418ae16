import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DiscoveryError } from '../../model/errors.js';
import { conformanceCase } from './conformance-case.js';
import { has } from './observe-run.js';

export const observeCases = [
  conformanceCase('a service without instances: the first set is empty', {}, async (run) => {
    assert.deepEqual(await run.observe(await run.open()).untilFirst(), []);
  }),

  conformanceCase('several instances are registered: the first set has all of them', {}, async (run) => {
    const backend = await run.open();
    const [a, b] = [await run.announced(backend), await run.announced(backend)];
    const ids = (await run.observe(await run.open()).untilFirst()).map(({ id }) => id);
    assert.deepEqual(new Set(ids), new Set([a.instance.id, b.instance.id]));
  }),

  conformanceCase(
    'a service name is the prefix of another one: their instances stay apart',
    {},
    async (run) => {
      const backend = await run.open();
      const [short, long] = [run.observe(backend), run.observe(backend, `${run.service}2`)];
      const a = await run.announced(backend);
      const b = await run.announced(backend, run.instance({ service: `${run.service}2` }));
      await short.untilHas(a.instance);
      await long.untilHas(b.instance);
      assert.ok(
        !short.sets.some((set) => has(set, b.instance.id)),
        `${run.service} has an instance of the other service`,
      );
      assert.ok(
        !long.sets.some((set) => has(set, a.instance.id)),
        `${run.service}2 has an instance of the other service`,
      );
    },
  ),

  conformanceCase('two sessions observe a service, one ends: the other one goes on', {}, async (run) => {
    const backend = await run.open();
    const [one, other] = [run.observe(backend), run.observe(backend)];
    const a = await run.announced(backend);
    await Promise.all([one.untilHas(a.instance), other.untilHas(a.instance)]);
    await one.stop();
    const b = await run.announced(backend);
    await other.untilHas(a.instance, b.instance);
  }),

  conformanceCase(
    'a session is aborted, before its first set or later: it ends without an error',
    {},
    async (run) => {
      const backend = await run.open();
      await run.observe(backend).stop();
      const waiting = run.observe(backend);
      await waiting.untilFirst();
      await waiting.stop();
      assert.deepEqual([waiting.abortListeners, waiting.sets.length > 0], [0, true]);
    },
  ),

  conformanceCase('the consumer breaks out of the loop: the session ends', {}, async (run) => {
    const backend = await run.open();
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), run.timeoutMs);
    let sets = 0;
    for await (const _ of backend.observe(run.service, { signal: stop.signal, rejected: () => {} })) {
      sets += 1;
      break;
    }
    clearTimeout(timer);
    assert.equal(sets, 1, 'there was no first set');
    assert.equal(getEventListeners(stop.signal, 'abort').length, 0, 'it has left a listener on its signal');
  }),

  conformanceCase('a slow consumer: it gets the last set', {}, async (run) => {
    const backend = await run.open();
    const [slow, quick] = [run.observe(backend), run.observe(backend)];
    await slow.untilFirst();
    const resume = slow.pause();
    const announced = [];
    for (let i = 0; i < 5; i++) announced.push((await run.announced(backend)).instance);
    await quick.untilHas(...announced);
    resume();
    await slow.untilHas(...announced);
  }),

  conformanceCase(
    'an unreadable record: only that record is left out, and reported with its key',
    { needs: ['writeUnreadable'] },
    async (run) => {
      const backend = await run.open();
      const announcing = await run.announced(backend);
      const watching = run.observe(backend);
      await watching.untilHas(announcing.instance);
      await run.harness.writeUnreadable?.(run.service);
      await watching.untilRejected();
      const late = run.observe(backend);
      const first = await late.untilFirst();
      await late.untilRejected();
      for (const { rejected } of [watching, late]) {
        assert.ok(rejected.every(({ key, reason }) => key !== '' && reason instanceof DiscoveryError));
      }
      assert.deepEqual(
        first.map(({ id }) => id),
        [announcing.instance.id],
      );
      const later = await run.announced(backend);
      await watching.untilHas(announcing.instance, later.instance);
    },
  ),

  conformanceCase(
    'observeAll, instances register and deregister: the sets follow',
    { unless: 'watchOnly' },
    async (run) => {
      const [backend, other] = [await run.open(), await run.open()];
      const a = await run.announced(other);
      const all = run.observeAll(backend);
      assert.ok(has(await all.untilFirst(), a.instance.id), 'the first set lacks a registered instance');
      const b = await run.announced(other, run.instance({ service: `${run.service}-b` }));
      const set = await all.untilHas(a.instance, b.instance);
      const services = set
        .filter(({ id }) => id === a.instance.id || id === b.instance.id)
        .map(({ service }) => service);
      assert.deepEqual(new Set(services), new Set([a.instance.service, b.instance.service]));
      await b.leave();
      await all.untilHasNot(b.instance);
      await all.untilHas(a.instance);
    },
  ),

  conformanceCase('sessions have ended: no resource is left', { needs: ['resources'] }, async (run) => {
    const backend = await run.open();
    const session = async () => {
      const announcing = await run.announced(backend);
      const sessions = [run.observe(backend), run.observe(backend)];
      if (!backend.isWatchOnly) sessions.push(run.observeAll(backend));
      await Promise.all(sessions.map((each) => each.untilHas(announcing.instance)));
      await Promise.all([announcing.leave(), ...sessions.map((each) => each.stop())]);
    };
    // Resources that the first session creates once are not a leak.
    await session();
    const before = await run.harness.resources?.(backend);
    for (let i = 0; i < 10; i++) await session();
    // Closing takes a moment.
    const deadline = performance.now() + run.timeoutMs;
    while ((await run.harness.resources?.(backend)) !== before && performance.now() < deadline)
      await delay(20);
    assert.equal(await run.harness.resources?.(backend), before);
  }),
];
