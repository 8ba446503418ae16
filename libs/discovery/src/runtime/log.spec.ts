import { expect, it } from 'vitest';
import { FaultLog } from './log.js';

function record() {
  const lines: string[] = [];
  let now = 0;
  const faults = new FaultLog(
    (_, message) => lines.push(message),
    'watch of goods',
    () => now,
  );
  return { lines, faults, at: (ms: number) => (now = ms) };
}

it('says a fault that lasts an hour and comes twice a second in six lines, at doubling intervals', () => {
  const { lines, faults, at } = record();
  for (let ms = 0; ms < 3_600_000; ms += 500) {
    at(ms);
    faults.fault(new Error('away'));
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

it('says once that it is over, and begins anew with the next fault', () => {
  const { lines, faults } = record();
  faults.recovered();
  faults.fault(new Error('away'));
  faults.recovered();
  faults.recovered();
  faults.fault(new Error('away'));
  expect(lines).toEqual([
    'watch of goods: away; goes on trying',
    'watch of goods: works again after 0.0 s and 1 failed attempt',
    'watch of goods: away; goes on trying',
  ]);
});
