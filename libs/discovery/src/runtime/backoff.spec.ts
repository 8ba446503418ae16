import { expect, it } from 'vitest';
import { Backoff } from './backoff.js';

it('delays grow from initialMs to maxMs, with jitter, and start again after a reset', () => {
  const backoff = new Backoff({ initialMs: 100, maxMs: 800 });
  const delays = Array.from({ length: 200 }, () => backoff.next());
  expect(delays[0]).toBe(100);
  for (const [index, delay] of delays.entries()) {
    const step = Math.min(800, 100 * 2 ** index);
    expect(delay).toBeGreaterThanOrEqual(step / 2);
    expect(delay).toBeLessThanOrEqual(step);
  }
  expect(new Set(delays.slice(10)).size).toBeGreaterThan(100);
  backoff.reset();
  expect(backoff.next()).toBe(100);
});

it('rejects invalid delays; the message quotes them', () => {
  expect(() => new Backoff({ initialMs: 0 })).toThrow('INVALID_OPTION: invalid backoff.initialMs 0');
  expect(() => new Backoff({ initialMs: 10, maxMs: 5 })).toThrow('INVALID_OPTION: invalid backoff.maxMs 5');
});
