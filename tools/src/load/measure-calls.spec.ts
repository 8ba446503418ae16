import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { measureCalls } from './measure-calls.js';

it('counts calls and failures, and measures the calls that do not fail', async () => {
  let [succeeded, failed, disturbed] = [0, 0, 0];
  const callers = [
    async () => {
      await sleep(5);
      succeeded += 1;
    },
    async () => {
      failed += 1;
      throw new Error('failed');
    },
  ];
  const measured = await measureCalls(callers, {
    seconds: 0.1,
    pauseMs: 1,
    disturb: async () => (disturbed += 1),
  });
  expect(disturbed).toBe(1);
  expect(measured.failed).toBe(failed);
  expect(measured.perSecond).toBeLessThanOrEqual((succeeded + failed) / 0.1);
  expect(measured.p50Ms).toBeGreaterThan(4);
  expect(measured.maxMs).toBeGreaterThanOrEqual(measured.p99Ms);
});

it('rejects a duration that is not a positive number', async () => {
  await expect(measureCalls([], { seconds: Number('two') })).rejects.toThrow('invalid seconds NaN');
});
