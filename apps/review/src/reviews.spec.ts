import { productIdPattern } from '@rollcall/contracts';
import { describe, expect, it } from 'vitest';
import { ratingSummary, reviews } from './reviews.js';

const all = [...reviews.values()].flat();

describe('data/reviews.json', () => {
  it('has 6 to 12 reviews for each of 24 products', () => {
    expect(reviews.size).toBe(24);
    for (const [id, list] of reviews) {
      expect(id).toMatch(productIdPattern);
      expect(list.length).toBeGreaterThanOrEqual(6);
      expect(list.length).toBeLessThanOrEqual(12);
      expect(new Set(list.map(({ productId }) => productId))).toEqual(new Set([id]));
    }
  });

  it('lists the reviews of a product newest first, each written at a different time', () => {
    for (const list of reviews.values()) {
      const times = list.map(({ writtenAtMs }) => writtenAtMs);
      expect(times).toEqual([...new Set(times)].toSorted((a, b) => b - a));
      expect(times.every(Number.isInteger)).toBe(true);
    }
  });

  it('has ratings of 1 to 5 stars, and each of them at least once', () => {
    expect(new Set(all.map(({ rating }) => rating))).toEqual(new Set([1, 2, 3, 4, 5]));
  });

  it('has products with low and with high ratings', () => {
    const means = [...reviews.values()].map((list) => ratingSummary(list).mean);
    expect(Math.min(...means)).toBeLessThan(3.5);
    expect(Math.max(...means)).toBeGreaterThan(4.5);
  });

  it('has a unique id, an author, a title and a paragraph for every review', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { author, title, body } of all) {
      expect(author).toMatch(/^[A-Z][a-z]+ [A-Z]\.$/);
      expect(title).not.toBe('');
      expect(body).toMatch(/^[A-Z].{30,}\.$/);
    }
  });
});

describe('a rating summary', () => {
  it('counts the reviews of each rating and rounds the mean to two decimals', () => {
    const ratings = [5, 5, 4, 1, 5, 4].map((rating) => ({ rating }));
    expect(ratingSummary(ratings)).toEqual({ count: 6, mean: 4, histogram: [1, 0, 0, 2, 3] });
    expect(ratingSummary(ratings.slice(0, 3)).mean).toBe(4.67);
  });

  it('is all zeros without reviews', () => {
    expect(ratingSummary([])).toEqual({ count: 0, mean: 0, histogram: [0, 0, 0, 0, 0] });
  });
});
