import { expect, it } from 'vitest';
import { summarise } from './rating-summary.js';

it('counts each number of stars and takes the mean to two decimals', () => {
  const ratings = [5, 5, 4, 1, 5, 4].map((rating) => ({ rating }));
  expect(summarise(ratings)).toEqual({ count: 6, mean: 4, histogram: [1, 0, 0, 2, 3] });
  expect(summarise(ratings.slice(0, 3)).mean).toBe(4.67);
});

it('is all zeros where nobody wrote a review', () => {
  expect(summarise([])).toEqual({ count: 0, mean: 0, histogram: [0, 0, 0, 0, 0] });
});
