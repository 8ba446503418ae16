import { readFileSync } from 'node:fs';
import type { RatingSummary, Review } from '@rollcall/contracts';

/** A review in `data/reviews.json`, where reviews are listed by product, newest first. */
interface ReviewRecord extends Pick<Review, 'author' | 'rating' | 'title' | 'body'> {
  /** ISO 8601, UTC. */
  readonly writtenAt: string;
}

const records = JSON.parse(
  readFileSync(new URL('../data/reviews.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, readonly ReviewRecord[]>>;

/** Reviews by product id, newest first. */
export const reviews: ReadonlyMap<string, readonly Review[]> = new Map(
  Object.entries(records).map(([productId, list]) => [
    productId,
    list.map(({ writtenAt, ...text }, index) => ({
      id: `${productId}-r${list.length - index}`,
      productId,
      ...text,
      writtenAtMs: Date.parse(writtenAt),
    })),
  ]),
);

/** All zeros without reviews. */
export function ratingSummary(list: readonly Pick<Review, 'rating'>[]): RatingSummary {
  const histogram = [1, 2, 3, 4, 5].map((stars) => list.filter(({ rating }) => rating === stars).length);
  const sum = list.reduce((total, { rating }) => total + rating, 0);
  const mean = list.length === 0 ? 0 : Math.round((100 * sum) / list.length) / 100;
  return { count: list.length, mean, histogram };
}
