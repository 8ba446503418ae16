import { expect, it } from 'vitest';
import { Failover, windowMs } from './failover.js';

const inventory = (at: number, instance: string) => ({ at, servedBy: [['inventory', instance]] as const });

function follow(...events: readonly (readonly [at: number, instance: string])[]) {
  const failover = new Failover(1_000);
  for (const [at, instance] of events) failover.answered(inventory(at, instance));
  return failover;
}

it('the gap begins with the last answer before the kill, whoever served it', () => {
  const failover = follow([1_980, 'a'], [1_990, 'b']);
  failover.killed('inventory', 'a', 2_000);
  failover.answered(inventory(2_035, 'b'));
  failover.answered(inventory(2_045, 'b'));
  expect(failover.report(2_100)).toMatchObject([{ atMs: 1_000, gapMs: 55, lastCallMs: -20 }]);
});

it('silence before the kill and after the window is not its gap', () => {
  const failover = follow([1_100, 'a'], [1_990, 'b']);
  failover.killed('inventory', 'a', 2_000);
  failover.answered(inventory(2_010, 'b'));
  for (let at = 2_020; at <= 2_000 + windowMs; at += 10) failover.answered(inventory(at, 'b'));
  failover.answered(inventory(9_000, 'b'));
  expect(failover.report(9_000)).toMatchObject([{ gapMs: 20 }]);
});

it('a service that never comes back has a gap to the end of the window', () => {
  const failover = follow([1_990, 'a']);
  failover.killed('inventory', 'a', 2_000);
  expect(failover.report(2_500)).toMatchObject([{ gapMs: 510 }]);
  expect(failover.report(60_000)).toMatchObject([{ gapMs: 10 + windowMs }]);
});

it("the next kill of the same service ends the window, another service's does not", () => {
  const failover = follow([2_000, 'b']);
  failover.killed('inventory', 'a', 2_000);
  failover.answered(inventory(2_010, 'b'));
  failover.killed('review', 'r', 2_050);
  failover.killed('inventory', 'b', 2_100);
  failover.answered(inventory(2_400, 'c'));
  const [first, , third] = failover.report(2_400);
  expect(first).toMatchObject({ instance: 'a', gapMs: 90 });
  expect(third).toMatchObject({ instance: 'b', gapMs: 390 });
});

it('says when the dead instance was last heard and its replacement first', () => {
  const failover = follow([1_990, 'a']);
  failover.killed('inventory', 'a', 2_000);
  failover.answered(inventory(2_003, 'a'));
  failover.replaced('a', 'd');
  expect(failover.recovered).toBe(false);
  expect(failover.report(2_100)).toMatchObject([{ lastCallMs: 3, replacementFirstCallMs: null }]);
  failover.answered(inventory(2_900, 'd'));
  failover.answered(inventory(2_950, 'd'));
  expect(failover.recovered).toBe(true);
  expect(failover.report(3_000)).toMatchObject([{ lastCallMs: 3, replacementFirstCallMs: 900 }]);
});

it('an instance that was never called has no last call', () => {
  const failover = follow([1_990, 'b']);
  failover.killed('inventory', 'a', 2_000);
  expect(failover.report(2_001)).toMatchObject([{ instance: 'a', lastCallMs: null }]);
});
