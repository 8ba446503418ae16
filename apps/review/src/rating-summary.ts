import type { RatingSummary, Review } from '@rollcall/contracts';

/** The ratings of some reviews in a few numbers; zeros when there is none. */
export function summarise(reviews: readonly Pick<Review, 'rating'>[]): RatingSummary {
  const histogram = [1, 2, 3, 4, 5].map((stars) => reviews.filter(({ rating }) => rating === stars).length);
  const sum = reviews.reduce((total, { rating }) => total + rating, 0);
  const mean = reviews.length === 0 ? 0 : Math.round((100 * sum) / reviews.length) / 100;
  return { count: reviews.length, mean, histogram };
}
