import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FaultLog, safeLog } from './log.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function recordLines() {
  const lines: string[] = [];
  const faults = new FaultLog((_, message) => lines.push(message), 'watch of goods');
  return { lines, faults };
}

it('a fault that repeats twice a second for an hour is logged in six lines, at doubling intervals', () => {
  const { lines, faults } = recordLines();
  for (let ms = 0; ms < 3_600_000; ms += 500) {
    faults.fault(new Error('unavailable'));
    vi.advanceTimersByTime(500);
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

it('the recovery is logged once, after 5 s without a fault, and the next fault is logged at once', () => {
  const { lines, faults } = recordLines();
  faults.recovered();
  faults.fault(new Error('unavailable'));
  faults.recovered();
  vi.advanceTimersByTime(4_000);
  expect(lines).toHaveLength(1);
  faults.recovered();
  vi.advanceTimersByTime(1_000);
  expect(lines).toHaveLength(2);
  faults.fault(new Error('unavailable'));
  expect(lines).toEqual([
    'watch of goods: unavailable; retrying',
    'watch of goods: recovered after 0.0 s and 1 failed attempt',
    'watch of goods: unavailable; retrying',
  ]);
});

it('a registry that is reset five times a second for an hour is logged in six lines, and its recovery in one', () => {
  const { lines, faults } = recordLines();
  for (let ms = 0; ms < 3_600_000; ms += 200) {
    faults.fault(new Error('reset'));
    vi.advanceTimersByTime(100);
    faults.recovered();
    vi.advanceTimersByTime(100);
  }
  expect(lines).toHaveLength(6);
  vi.advanceTimersByTime(5_000);
  expect(lines.at(-1)).toBe('watch of goods: recovered after 3599.9 s and 18000 failed attempts');
});

it('a recovery that is not logged yet is logged when the log is closed', () => {
  const { lines, faults } = recordLines();
  faults.close();
  faults.fault(new Error('unavailable'));
  faults.recovered();
  faults.close();
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(2);
});

it('a log that throws, or rejects, affects nobody', async () => {
  const throwing = safeLog(() => {
    throw new Error('disk full');
  });
  const rejecting = safeLog(async () => Promise.reject(new Error('disk full')));
  expect(() => {
    throwing('info', 'message');
    rejecting('info', 'message');
  }).not.toThrow();
  await vi.advanceTimersByTimeAsync(1);
});

it('a message is one line without control characters, of bounded length', () => {
  const lines: string[] = [];
  const log = safeLog((_, message) => lines.push(message));
  log('warn', 'a\nb\u001b[2J\u202e');
  log('warn', 'x'.repeat(1_000_000));
  expect(lines[0]).toBe('a\\u{a}b\\u{1b}[2J\\u{202e}');
  expect(lines[1]).toHaveLength(1_000);
});
