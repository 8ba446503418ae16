import { describe, expect, it } from 'vitest';
import { ResponseTimes } from './response-times.js';

function learned(...answers: readonly number[]): number {
  const times = new ResponseTimes();
  for (const ms of answers) times.add(ms);
  return times.overdueMs;
}

const answers = (ms: number, count = 10) => Array.from({ length: count }, () => ms);

describe('an attempt is overdue', () => {
  it('after 500 ms before ten answers', () => {
    expect(learned()).toBe(500);
    expect(learned(...answers(5, 9))).toBe(500);
  });

  it('after three times what slow answers take, but not before 50 ms', () => {
    expect(learned(...answers(5))).toBe(50);
    expect(learned(...answers(100))).toBe(300);
    expect(learned(...answers(5, 9), 100)).toBe(300);
  });

  it('hardly later because of a single slow answer among hundreds', () => {
    expect(learned(...answers(20, 400), 1_000, ...answers(20, 99))).toBeLessThan(200);
  });

  it('as the answers become slower or faster', () => {
    expect(learned(...answers(20, 200), ...answers(200, 200))).toBeGreaterThan(590);
    expect(learned(...answers(200, 200), ...answers(20, 200))).toBeLessThan(70);
  });
});
