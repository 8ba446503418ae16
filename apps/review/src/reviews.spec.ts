import { productIdShape } from '@rollcall/contracts';
import { describe, expect, it, vi } from 'vitest';
import { summarise } from './rating-summary.js';
import { reviews } from './reviews.js';

const all = [...reviews.values()].flat();

describe('the reviews', () => {
  it('are 5 to 60 for each of 24 products', () => {
    expect(reviews.size).toBe(24);
    for (const [id, list] of reviews) {
      expect(id).toMatch(productIdShape);
      expect(list.length).toBeGreaterThanOrEqual(5);
      expect(list.length).toBeLessThanOrEqual(60);
      expect(new Set(list.map(({ productId }) => productId))).toEqual(new Set([id]));
    }
  });

  it('stand newest first, no two of a product at the same moment', () => {
    for (const list of reviews.values()) {
      const times = list.map(({ writtenAtMs }) => writtenAtMs);
      expect(times).toEqual([...new Set(times)].toSorted((a, b) => b - a));
    }
  });

  it('give 1 to 5 stars, and every number of stars occurs', () => {
    expect(new Set(all.map(({ rating }) => rating))).toEqual(new Set([1, 2, 3, 4, 5]));
  });

  it('like some products better than others', () => {
    const means = [...reviews.values()].map((list) => summarise(list).mean);
    expect(Math.min(...means)).toBeLessThan(3.5);
    expect(Math.max(...means)).toBeGreaterThan(4.5);
  });

  it('have an id of their own, an author, a title and a paragraph', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { author, title, body } of all) {
      expect(author).toMatch(/^[A-Z][a-z]+ [A-Z]\.$/);
      expect(title).not.toBe('');
      expect(body).toMatch(/^[A-Z].{30,}\.$/);
    }
  });

  it('are the same in an instance that starts later', async () => {
    vi.resetModules();
    vi.useFakeTimers({ now: Date.UTC(2040, 0, 1) });
    const again = (await import('./reviews.js')).reviews;
    vi.useRealTimers();
    expect(again).not.toBe(reviews);
    expect(again).toEqual(reviews);
  });
});
