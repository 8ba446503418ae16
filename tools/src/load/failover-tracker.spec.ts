import { expect, it } from 'vitest';
import { FailoverTracker, windowMs } from './failover-tracker.js';

const inventory = (at: number, instance: string) => ({ at, servedBy: [['inventory', instance]] as const });

function trackerWith(...events: readonly (readonly [at: number, instance: string])[]) {
  const tracker = new FailoverTracker(1_000);
  for (const [at, instance] of events) tracker.recordResponse(inventory(at, instance));
  return tracker;
}

it('the gap begins with the last response before the kill, of any instance', () => {
  const tracker = trackerWith([1_980, 'a'], [1_990, 'b']);
  tracker.recordKill('inventory', 'a', 2_000);
  tracker.recordResponse(inventory(2_035, 'b'));
  tracker.recordResponse(inventory(2_045, 'b'));
  expect(tracker.report(2_100)).toMatchObject([{ atMs: 1_000, gapMs: 55, lastCallMs: -20 }]);
});

it('a time without responses before the kill or after the window is not part of the gap', () => {
  const tracker = trackerWith([1_100, 'a'], [1_990, 'b']);
  tracker.recordKill('inventory', 'a', 2_000);
  tracker.recordResponse(inventory(2_010, 'b'));
  for (let at = 2_020; at <= 2_000 + windowMs; at += 10) tracker.recordResponse(inventory(at, 'b'));
  tracker.recordResponse(inventory(9_000, 'b'));
  expect(tracker.report(9_000)).toMatchObject([{ gapMs: 20 }]);
});

it('the gap of a service that does not recover lasts to the end of the window', () => {
  const tracker = trackerWith([1_990, 'a']);
  tracker.recordKill('inventory', 'a', 2_000);
  expect(tracker.report(2_500)).toMatchObject([{ gapMs: 510 }]);
  expect(tracker.report(60_000)).toMatchObject([{ gapMs: 10 + windowMs }]);
});

it('the next kill of the same service ends the window, a kill of another service does not', () => {
  const tracker = trackerWith([2_000, 'b']);
  tracker.recordKill('inventory', 'a', 2_000);
  tracker.recordResponse(inventory(2_010, 'b'));
  tracker.recordKill('review', 'r', 2_050);
  tracker.recordKill('inventory', 'b', 2_100);
  tracker.recordResponse(inventory(2_400, 'c'));
  const [first, , third] = tracker.report(2_400);
  expect(first).toMatchObject({ instance: 'a', gapMs: 90 });
  expect(third).toMatchObject({ instance: 'b', gapMs: 390 });
});

it('reports the last response of the killed instance and the first one of its replacement', () => {
  const tracker = trackerWith([1_990, 'a']);
  tracker.recordKill('inventory', 'a', 2_000);
  tracker.recordResponse(inventory(2_003, 'a'));
  tracker.recordReplacement('a', 'd');
  expect(tracker.recovered).toBe(false);
  expect(tracker.report(2_100)).toMatchObject([{ lastCallMs: 3, replacementFirstCallMs: null }]);
  tracker.recordResponse(inventory(2_900, 'd'));
  tracker.recordResponse(inventory(2_950, 'd'));
  expect(tracker.recovered).toBe(true);
  expect(tracker.report(3_000)).toMatchObject([{ lastCallMs: 3, replacementFirstCallMs: 900 }]);
});

it('an instance that was never called has no last call', () => {
  const tracker = trackerWith([1_990, 'b']);
  tracker.recordKill('inventory', 'a', 2_000);
  expect(tracker.report(2_001)).toMatchObject([{ instance: 'a', lastCallMs: null }]);
});
