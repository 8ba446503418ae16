import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EjectionEvent } from '../../events/discovery-events.js';
import { onEvent } from '../../events/on-event.js';
import { checkOutlierDetection, type OutlierDetection } from './outlier-detection.js';
import { CallOutcomes, OutlierDetector } from './outlier-detector.js';

// Fake timers: seconds pass in milliseconds.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function detect(endpoints: number, settings: OutlierDetection = {}) {
  const onChange = vi.fn<() => void>();
  const detector = new OutlierDetector(checkOutlierDetection(settings), onChange);
  const outcomes = Array.from(
    { length: endpoints },
    (_, i) => new CallOutcomes('echo', { id: `${i}`, address: `10.0.0.${i}:80` }),
  );
  for (const each of outcomes) detector.add(each);
  return { detector, outcomes, onChange };
}

function count(endpoint: CallOutcomes, calls: number, code: status): void {
  for (let i = 0; i < calls; i++) endpoint.count(code);
}

/** One interval in which the endpoints at these indexes fail every call, and the others none. */
function interval(outcomes: readonly CallOutcomes[], failing: readonly number[], calls = 10): void {
  for (const [i, each] of outcomes.entries())
    count(each, calls, failing.includes(i) ? status.UNAVAILABLE : status.OK);
  vi.advanceTimersByTime(1_000);
}

const ejected = (outcomes: readonly CallOutcomes[]) =>
  [...outcomes.keys()].filter((i) => outcomes[i]!.ejectedAt !== undefined);

it.each<[string, OutlierDetection, number, number, number[], number[]]>([
  ['one of three fails', {}, 3, 10, [1], [1]],
  ['two of three fail: one is ejected, then 33 % are', {}, 3, 10, [0, 1], [0]],
  ['two of three fail, and 34 % may be', { maxEjectionPercent: 34 }, 3, 10, [0, 1], [0, 1]],
  ['one of two fails: there are too few', {}, 2, 10, [1], []],
  ['too few calls', {}, 3, 9, [1], []],
  ['fewer calls are enough', { requestVolume: 9 }, 3, 9, [1], [1]],
])('%s', (_, settings, endpoints, calls, failing, expected) => {
  const { outcomes, onChange } = detect(endpoints, settings);
  interval(outcomes, failing, calls);
  expect(ejected(outcomes)).toEqual(expected);
  expect(onChange).toHaveBeenCalledTimes(expected.length > 0 ? 1 : 0);
});

it('more than the threshold must fail, and every status but OK counts', () => {
  const { outcomes } = detect(3, { failureThresholdPercent: 50 });
  count(outcomes[0]!, 10, status.NOT_FOUND);
  count(outcomes[0]!, 10, status.OK);
  interval(outcomes.slice(1), []);
  expect(ejected(outcomes)).toEqual([]);
  count(outcomes[0]!, 11, status.NOT_FOUND);
  count(outcomes[0]!, 10, status.OK);
  interval(outcomes.slice(1), []);
  expect(ejected(outcomes)).toEqual([0]);
});

it('calls count for one interval', () => {
  const { outcomes } = detect(3);
  for (let i = 0; i < 5; i++) interval(outcomes, [1], 9);
  expect(ejected(outcomes)).toEqual([]);
});

it('each ejection is longer than the last, up to the longest, and shorter again after intervals without one', () => {
  const { outcomes } = detect(3, { baseEjectionMs: 2_000, maxEjectionMs: 5_000 });
  /** Ejects the first endpoint, and returns after how many further intervals it is back. */
  const ejectionIntervals = () => {
    interval(outcomes, [0]);
    expect(ejected(outcomes)).toEqual([0]);
    let intervals = 0;
    while (ejected(outcomes).length > 0) {
      interval(outcomes, [], 0);
      intervals += 1;
    }
    return intervals;
  };
  expect([ejectionIntervals(), ejectionIntervals(), ejectionIntervals(), ejectionIntervals()]).toEqual([
    3, 5, 6, 6,
  ]);
  for (let i = 0; i < 4; i++) interval(outcomes, []);
  expect(ejectionIntervals()).toBe(3);
});

it('a removed endpoint is no longer counted, and nothing runs without endpoints', () => {
  const { detector, outcomes } = detect(3);
  interval(outcomes, [0]);
  expect(ejected(outcomes)).toEqual([0]);
  detector.remove(outcomes[0]!);
  const replacement = new CallOutcomes('echo', { id: 'new', address: '10.0.0.0:80' });
  detector.add(replacement);
  const now = [replacement, ...outcomes.slice(1)];
  interval(now, [1]);
  expect(ejected(now)).toEqual([1]);
  for (const each of now) detector.remove(each);
  expect(vi.getTimerCount()).toBe(0);
});

it('emits ejections and returns', () => {
  const received: EjectionEvent[] = [];
  const unsubscribe = onEvent('ejection', (event) => received.push(event));
  const { outcomes } = detect(3, { baseEjectionMs: 1_000, maxEjectionMs: 1_000 });
  interval(outcomes, [0]);
  interval(outcomes, []);
  interval(outcomes, []);
  unsubscribe();
  const about = { type: 'ejection', service: 'echo', instance: { id: '0', address: '10.0.0.0:80' } };
  expect(received).toEqual([
    { ...about, state: 'ejected', calls: 10, failedCalls: 10 },
    { ...about, state: 'returned' },
  ]);
});
