import { describe, expect, it } from 'vitest';
import { defineInstance, type Instance } from '../model/instance.js';
import { diffInstances, normalizeInstances } from '../model/instance-set.js';
import { GuardedList } from './guarded-list.js';

/** Deterministic pseudo-random numbers below `limit`. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const instance = (service: string, id: number, port: number, registeredAt: number, draining = false) =>
  defineInstance({ id: `i-${id}`, service, host: '10.0.0.1', port, registeredAt, draining });

/** What is published when nothing is held back. */
const expected = (reported: readonly Instance[]) =>
  normalizeInstances(reported).filter(({ draining }) => !draining);

describe('the list after each of many changes', () => {
  it.each([1, 2, 3, 4, 5])('is that of a new list of the same set, and the diff too (seed %i)', (seed) => {
    const random = randomNumbers(seed);
    // Few ids and addresses, so that they collide. No two ages are equal: their order would be that of the changes.
    let age = 0;
    const any = () =>
      instance(['goods', 'basket'][random(2)]!, random(30), 1 + random(30), ++age, random(10) === 0);
    const list = new GuardedList({ maxShrink: 1 });
    let reported: readonly Instance[] = [];
    for (let now = 0; now < 500; now++) {
      const kept = reported.filter(() => random(20) > 0);
      const moved = random(5) === 0 ? kept.toReversed() : kept;
      const copied = random(5) === 0 ? moved.map((each) => ({ ...each })) : moved;
      reported = [...copied, ...Array.from({ length: random(4) }, any)];
      const before = list.instances;
      const update = list.update(reported, now);
      expect(update.instances).toEqual(expected(reported));
      expect(update.before).toBe(before);
      expect(update.diff).toEqual(diffInstances(before, update.instances));
      expect(list.instances).toBe(update.instances);
    }
  });
});

describe('a set', () => {
  const [a, b] = [instance('goods', 1, 1, 1), instance('goods', 2, 2, 1)];

  it('with the same objects in another order: the same list', () => {
    const list = new GuardedList();
    const { instances } = list.update([a, b], 0);
    expect(list.update([b, a], 1).instances).toEqual(instances);
  });

  it('with equal objects: no difference, and the list has the new objects, so that the old ones are released', () => {
    const list = new GuardedList();
    list.update([a, b], 0);
    const copy = { ...b };
    const { instances, diff } = list.update([a, copy], 1);
    expect(diff).toEqual({ joined: [], left: [], changed: [] });
    expect(instances[1]).toBe(copy);
  });

  it('with the same object twice, then once: it stays', () => {
    const list = new GuardedList();
    list.update([a, b, a], 0);
    expect(list.update([a, b], 1).instances).toEqual([a, b]);
    expect(list.update([b], 200).reevaluateInMs).toBe(100);
  });

  it('of 20,000 instances with one id, or one address: no quadratic cost', () => {
    const many = Array.from({ length: 20_000 }, (_, n) => instance('goods', n, 1, 20_000 - n));
    const sameId = many.map((each, n) => ({ ...each, id: 'one', port: n + 1 }));
    const list = new GuardedList({ maxShrink: 1 });
    for (const [now, set] of [many, sameId, many.slice(1), many].entries()) {
      expect(list.update(set, now).instances).toHaveLength(1);
    }
  });
});
