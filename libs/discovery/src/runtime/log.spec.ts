import { expect, it } from 'vitest';
import { FaultLog } from './log.js';

function recordLines() {
  const lines: string[] = [];
  let now = 0;
  const faults = new FaultLog(
    (_, message) => lines.push(message),
    'watch of goods',
    () => now,
  );
  return { lines, faults, at: (ms: number) => (now = ms) };
}

it('a fault that repeats twice a second for an hour is logged in six lines, at doubling intervals', () => {
  const { lines, faults, at } = recordLines();
  for (let ms = 0; ms < 3_600_000; ms += 500) {
    at(ms);
    faults.fault(new Error('unavailable'));
  }
  expect(lines.map((line) => / in (\S+) s/.exec(line)?.[1] ?? '0')).toEqual([
    '0',
    '60.0',
    '180.0',
    '420.0',
    '900.0',
    '1860.0',
  ]);
});

it('the recovery is logged once, and the next fault is logged at once', () => {
  const { lines, faults } = recordLines();
  faults.recovered();
  faults.fault(new Error('unavailable'));
  faults.recovered();
  faults.recovered();
  faults.fault(new Error('unavailable'));
  expect(lines).toEqual([
    'watch of goods: unavailable; retrying',
    'watch of goods: recovered after 0.0 s and 1 failed attempt',
    'watch of goods: unavailable; retrying',
  ]);
});
