import { describe, expect, it } from 'vitest';
import { defineInstance, type Instance } from '../model/instance.js';
import { ShrinkGuard } from './shrink-guard.js';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id, index) =>
  defineInstance({ id, service: 'goods', host: '10.0.0.1', port: index + 1 }),
) as [Instance, Instance, Instance, Instance];

const ids = (instances: readonly Instance[]) => instances.map(({ id }) => id).toSorted();

describe('the guard against a mass removal', () => {
  it('believes that one of three is gone', () => {
    const guard = new ShrinkGuard();
    guard.admit([a, b, c], 0);
    guard.admit([a, b], 1);
    expect(ids(guard.review(101).instances)).toEqual(['a', 'b']);
    expect(guard.held).toEqual([]);
  });

  it('believes that one of two is gone', () => {
    const guard = new ShrinkGuard();
    guard.admit([a, b], 0);
    guard.admit([a], 1);
    expect(ids(guard.review(101).instances)).toEqual(['a']);
  });

  it('believes it only once it has settled, and says when that is', () => {
    const guard = new ShrinkGuard();
    guard.admit([a, b, c], 0);
    const gone = guard.admit([a, b], 1);
    expect(ids(gone.instances)).toEqual(['a', 'b', 'c']);
    expect(gone).toMatchObject({ newlyHeld: [], reviewInMs: 100 });
    expect(guard.held).toEqual(['c']);
    expect(ids(guard.admit([a, b, c], 50).instances)).toEqual(['a', 'b', 'c']);
    expect(guard.held).toEqual([]);
  });

  it('never shows less when most go one after the other within that time', () => {
    const guard = new ShrinkGuard();
    guard.admit([a, b, c], 0);
    for (const [told, now] of [
      [[b, c], 10],
      [[c], 20],
      [[], 30],
    ] as const) {
      expect(ids(guard.admit(told, now).instances)).toEqual(['a', 'b', 'c']);
    }
    expect(ids(guard.review(500).instances)).toEqual(['a', 'b', 'c']);
  });

  it('lets it settle for longer when it is told to', () => {
    const guard = new ShrinkGuard();
    guard.admit([a, b, c], 0);
    expect(guard.admit([a, b], 0, 2_000).reviewInMs).toBe(2_000);
    expect(ids(guard.review(1_999).instances)).toEqual(['a', 'b', 'c']);
    expect(ids(guard.review(2_000).instances)).toEqual(['a', 'b']);
  });

  it('holds all of them when all are gone, says so once, and lets go after the time', () => {
    const guard = new ShrinkGuard({ holdMs: 30_000 });
    guard.admit([a, b, c], 0);
    const gone = guard.admit([], 100);
    expect(ids(gone.instances)).toEqual(['a', 'b', 'c']);
    expect(gone.newlyHeld).toEqual(['a', 'b', 'c']);
    expect(gone.reviewInMs).toBe(30_000);
    const later = guard.admit([], 20_000);
    expect(later.newlyHeld).toEqual([]);
    expect(ids(later.instances)).toEqual(['a', 'b', 'c']);
    expect(guard.review(30_100).instances).toEqual([]);
    expect(guard.held).toEqual([]);
  });

  it('adds up removals that lie close together: the first one is brought back with the second', () => {
    const guard = new ShrinkGuard({ windowMs: 5_000 });
    guard.admit([a, b, c], 0);
    guard.admit([b, c], 100);
    expect(ids(guard.review(200).instances)).toEqual(['b', 'c']);
    expect(ids(guard.admit([c], 300).instances)).toEqual(['a', 'b', 'c']);
  });

  it('does not add up removals that lie far apart', () => {
    const guard = new ShrinkGuard({ windowMs: 5_000 });
    guard.admit([a, b, c], 0);
    guard.admit([b, c], 100);
    guard.admit([c], 10_000);
    expect(ids(guard.review(10_100).instances)).toEqual(['c']);
  });

  it('lets go at once of what said that it drains, however many', () => {
    const guard = new ShrinkGuard();
    guard.admit([a, b], 0);
    const draining = [a, b].map((instance) => ({ ...instance, draining: true }));
    expect(guard.admit(draining, 1).instances).toEqual([]);
    expect(guard.admit([], 2).instances).toEqual([]);
  });

  it('knows each that comes back, and holds the others on', () => {
    const guard = new ShrinkGuard();
    guard.admit([a, b, c], 0);
    guard.admit([], 100);
    const one = guard.admit([b], 200);
    expect(ids(one.instances)).toEqual(['a', 'b', 'c']);
    expect(guard.held.toSorted()).toEqual(['a', 'c']);
    expect(ids(guard.review(30_100).instances)).toEqual(['b']);
  });

  it('takes newcomers beside those it holds', () => {
    const guard = new ShrinkGuard();
    guard.admit([a, b, c], 0);
    expect(ids(guard.admit([d], 1).instances)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('does not hold one whose address another has by now, whichever says it is newer', () => {
    const guard = new ShrinkGuard();
    guard.admit([a, b, c], 0);
    const restarted = { ...a, id: 'z' };
    expect(ids(guard.admit([restarted], 1).instances)).toEqual(['b', 'c', 'z']);
  });

  it('is switched off by maxShrink 1', () => {
    const guard = new ShrinkGuard({ maxShrink: 1 });
    guard.admit([a, b, c], 0);
    expect(guard.admit([], 1).instances).toEqual([]);
  });

  it('refuses a share above 1 and echoes it', () => {
    expect(() => new ShrinkGuard({ maxShrink: 1.5 })).toThrow('INVALID_OPTION: invalid maxShrink 1.5');
  });
});
