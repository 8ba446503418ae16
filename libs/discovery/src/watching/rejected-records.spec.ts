import { expect, it } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { RejectedRecords } from './rejected-records.js';

function recordLines() {
  const lines: string[] = [];
  const rejected = new RejectedRecords((line) => lines.push(line));
  const add = (key: string, reason: string) =>
    rejected.add(key, new DiscoveryError('INVALID_RECORD', reason));
  return { lines, rejected, add };
}

it('logs each record once, and again when the reason changes', () => {
  const { lines, rejected, add } = recordLines();
  add('goods/a', 'not JSON');
  add('goods/a', 'not JSON');
  add('goods/b', 'not JSON');
  add('goods/a', 'port 0');
  expect(lines).toEqual([
    'left out record goods/a: INVALID_RECORD: not JSON (1 so far)',
    'left out record goods/b: INVALID_RECORD: not JSON (2 so far)',
    'left out record goods/a: INVALID_RECORD: port 0 (3 so far)',
  ]);
  expect(rejected.summary).toEqual({
    count: 4,
    last: [
      { key: 'goods/b', reason: 'INVALID_RECORD: not JSON' },
      { key: 'goods/a', reason: 'INVALID_RECORD: port 0' },
    ],
  });
});

it('logs fewer and fewer of ten thousand, none of them again, and counts them all', () => {
  const { lines, rejected, add } = recordLines();
  for (let times = 0; times < 2; times++) {
    for (let number = 0; number < 10_000; number++) add(`goods/${number}`, 'not JSON');
  }
  const numbers = lines.map((line) => Number(/\((\d+) so far\)/.exec(line)?.[1]));
  const first = Array.from({ length: 20 }, (_, index) => index + 1);
  expect(numbers).toEqual([...first, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192]);
  expect(rejected.summary.count).toBe(20_000);
  expect(rejected.summary.last).toHaveLength(20);
});

it('escapes and bounds keys: anybody may write into a registry', () => {
  const { lines, rejected, add } = recordLines();
  add(`goods/\n\u001b[2J${'x'.repeat(1_000_000)}`, 'not JSON');
  expect(lines[0]).toMatch(/^left out record goods\/\\u\{a\}\\u\{1b\}\[2Jx+\.\.\.: INVALID_RECORD/);
  expect(lines[0]!.length).toBeLessThan(300);
  expect(rejected.summary.last[0]!.key.length).toBeLessThan(300);
});
