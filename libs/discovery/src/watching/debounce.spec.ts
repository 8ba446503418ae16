import { expect, it } from 'vitest';
import { Debounce } from './debounce.js';

/** The delays for five changes, each `waitMs` after the last delay ended. */
function delays(waitMs: number, debounce = new Debounce(5)): number[] {
  let now = 0;
  return Array.from({ length: 5 }, () => {
    now += waitMs;
    const delayMs = debounce.next(now);
    now += delayMs;
    debounce.delayEnded(now);
    return delayMs;
  });
}

it('the delay is short when changes are rare', () => {
  expect(delays(100)).toEqual([5, 5, 5, 5, 5]);
});

it('the delay grows up to 16 times in a burst, and is short again after it', () => {
  const debounce = new Debounce(5);
  expect(delays(1, debounce)).toEqual([5, 10, 20, 40, 80]);
  expect(delays(10_000, debounce)).toEqual([5, 5, 5, 5, 5]);
});

it('an initial delay of 0 stays 0', () => {
  expect(delays(0, new Debounce(0))).toEqual([0, 0, 0, 0, 0]);
});

it('the delay never outlasts half of the time for which a draining mark is visible', () => {
  expect(delays(1, new Debounce(40))).toEqual([40, 80, 100, 100, 100]);
});
