import { expect, it } from 'vitest';
import { Debounce } from './debounce.js';

/** The rests after news that come `waitMs` after each rest. */
function rests(waitMs: number, pace = new Debounce(5)): number[] {
  let now = 0;
  return Array.from({ length: 5 }, () => {
    now += waitMs;
    pace.arrived(now);
    now += pace.restMs;
    pace.rested(now);
    return pace.restMs;
  });
}

it('rests briefly after news that are rare', () => {
  expect(rests(100)).toEqual([5, 5, 5, 5, 5]);
});

it('rests longer while news keep coming, up to sixteen times, and briefly again when they stop', () => {
  const pace = new Debounce(5);
  expect(rests(1, pace)).toEqual([5, 10, 20, 40, 80]);
  expect(rests(10_000, pace)).toEqual([5, 5, 5, 5, 5]);
});

it('does not rest where that is not wanted', () => {
  expect(rests(0, new Debounce(0))).toEqual([0, 0, 0, 0, 0]);
});
