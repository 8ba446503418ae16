import { describe, expect, it } from 'vitest';
import { SeededRandom } from './seeded-random.js';

describe('a seeded generator', () => {
  it('gives the same for the same seed, and something else for another', () => {
    const draw = (seed: string) => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 20 }, () => random.next());
    };
    expect(draw('hp-aria')).toEqual(draw('hp-aria'));
    expect(draw('hp-aria')).not.toEqual(draw('hp-arib'));
  });

  it('reaches both ends of a range and nothing beyond, about equally often', () => {
    const random = new SeededRandom('dice');
    const counts = [0, 0, 0, 0, 0, 0];
    for (let roll = 0; roll < 6_000; roll += 1) counts[random.integer(1, 6) - 1]! += 1;
    expect(counts).toHaveLength(6);
    for (const count of counts) {
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1_150);
    }
  });

  it('takes some of a list without taking one twice', () => {
    const random = new SeededRandom('cards');
    for (let hand = 0; hand < 100; hand += 1) {
      expect(new Set(random.some(3, ['a', 'b', 'c', 'd'])).size).toBe(3);
    }
    expect(random.some(9, ['a', 'b']).toSorted()).toEqual(['a', 'b']);
  });
});
