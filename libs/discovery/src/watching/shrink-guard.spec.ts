import { describe, expect, it } from 'vitest';
import { defineInstance, type Instance } from '../model/instance.js';
import { GuardedList } from './guarded-list.js';
import { ShrinkGuard } from './shrink-guard.js';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id, index) =>
  defineInstance({ id, service: 'goods', host: '10.0.0.1', port: index + 1 }),
) as [Instance, Instance, Instance, Instance];

const ids = (instances: readonly Instance[]) => instances.map(({ id }) => id).toSorted();

describe('the shrink guard', () => {
  it('removes one of three', () => {
    const guard = new GuardedList();
    guard.update([a, b, c], 0);
    guard.update([a, b], 1);
    expect(ids(guard.reevaluate(101).instances)).toEqual(['a', 'b']);
    expect(guard.held).toEqual([]);
  });

  it('removes one of two', () => {
    const guard = new GuardedList();
    guard.update([a, b], 0);
    guard.update([a], 1);
    expect(ids(guard.reevaluate(101).instances)).toEqual(['a']);
  });

  it('removes an instance only after the grace period, and returns when that is', () => {
    const guard = new GuardedList();
    guard.update([a, b, c], 0);
    const gone = guard.update([a, b], 1);
    expect(ids(gone.instances)).toEqual(['a', 'b', 'c']);
    expect(gone).toMatchObject({ newlyHeld: [], reevaluateInMs: 100 });
    expect(guard.held).toEqual(['c']);
    expect(ids(guard.update([a, b, c], 50).instances)).toEqual(['a', 'b', 'c']);
    expect(guard.held).toEqual([]);
  });

  it('keeps all when most disappear one after the other within the grace period', () => {
    const guard = new GuardedList();
    guard.update([a, b, c], 0);
    for (const [listed, now] of [
      [[b, c], 10],
      [[c], 20],
      [[], 30],
    ] as const) {
      expect(ids(guard.update(listed, now).instances)).toEqual(['a', 'b', 'c']);
    }
    expect(ids(guard.reevaluate(500).instances)).toEqual(['a', 'b', 'c']);
  });

  it('takes a longer grace period', () => {
    const guard = new GuardedList();
    guard.update([a, b, c], 0);
    expect(guard.update([a, b], 0, 2_000).reevaluateInMs).toBe(2_000);
    expect(ids(guard.reevaluate(1_999).instances)).toEqual(['a', 'b', 'c']);
    expect(ids(guard.reevaluate(2_000).instances)).toEqual(['a', 'b']);
  });

  it('holds all back when all disappear, reports it once, and removes them after the hold time', () => {
    const guard = new GuardedList({ holdMs: 30_000 });
    guard.update([a, b, c], 0);
    const gone = guard.update([], 100);
    expect(ids(gone.instances)).toEqual(['a', 'b', 'c']);
    expect(gone.newlyHeld).toEqual(['a', 'b', 'c']);
    expect(gone.reevaluateInMs).toBe(30_000);
    const later = guard.update([], 20_000);
    expect(later.newlyHeld).toEqual([]);
    expect(ids(later.instances)).toEqual(['a', 'b', 'c']);
    expect(guard.reevaluate(30_100).instances).toEqual([]);
    expect(guard.held).toEqual([]);
  });

  it('counts removals within the window together: the first one is restored with the second', () => {
    const guard = new GuardedList({ windowMs: 5_000 });
    guard.update([a, b, c], 0);
    guard.update([b, c], 100);
    expect(ids(guard.reevaluate(200).instances)).toEqual(['b', 'c']);
    expect(ids(guard.update([c], 300).instances)).toEqual(['a', 'b', 'c']);
  });

  it('does not count removals together that are further apart', () => {
    const guard = new GuardedList({ windowMs: 5_000 });
    guard.update([a, b, c], 0);
    guard.update([b, c], 100);
    guard.update([c], 10_000);
    expect(ids(guard.reevaluate(10_100).instances)).toEqual(['c']);
  });

  it('removes draining instances at once, however many', () => {
    const guard = new GuardedList();
    guard.update([a, b], 0);
    const draining = [a, b].map((instance) => ({ ...instance, draining: true }));
    expect(guard.update(draining, 1).instances).toEqual([]);
    expect(guard.update([], 2).instances).toEqual([]);
  });

  it('does not hold back one that is listed again, only the missing ones', () => {
    const guard = new GuardedList();
    guard.update([a, b, c], 0);
    guard.update([], 100);
    const one = guard.update([b], 200);
    expect(ids(one.instances)).toEqual(['a', 'b', 'c']);
    expect(guard.held.toSorted()).toEqual(['a', 'c']);
    expect(ids(guard.reevaluate(30_100).instances)).toEqual(['b']);
  });

  it('adds new instances beside those it holds back', () => {
    const guard = new GuardedList();
    guard.update([a, b, c], 0);
    expect(ids(guard.update([d], 1).instances)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('does not hold back an instance whose address another one has, whichever is newer', () => {
    const guard = new GuardedList();
    guard.update([a, b, c], 0);
    const restarted = { ...a, id: 'z' };
    expect(ids(guard.update([restarted], 1).instances)).toEqual(['b', 'c', 'z']);
  });

  it('holds back 150,000 instances', () => {
    const many = Array.from({ length: 150_000 }, (_, index) => ({
      ...a,
      id: `i-${1_000_000 + index}`,
      host: `h${index}`,
    }));
    const guard = new GuardedList();
    guard.update(many, 0);
    expect(guard.update([], 1)).toMatchObject({ newlyHeld: { length: 150_000 }, reevaluateInMs: 30_000 });
  });

  it('is disabled by maxShrink 1', () => {
    const guard = new GuardedList({ maxShrink: 1 });
    guard.update([a, b, c], 0);
    expect(guard.update([], 1).instances).toEqual([]);
  });

  it('rejects a share above 1', () => {
    expect(() => new ShrinkGuard({ maxShrink: 1.5 })).toThrow('INVALID_OPTION: invalid maxShrink 1.5');
  });
});
