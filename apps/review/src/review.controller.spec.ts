import { GrpcStatus } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { ReviewController } from './review.controller.js';
import { reviews } from './reviews.js';

const controller = new ReviewController();

describe('ListReviews', () => {
  it('returns all reviews of a product page by page, newest first', () => {
    const productId = 'hp-drift';
    const pages = [controller.listReviews({ productId, pageSize: 7, pageToken: '' })];
    for (let token = pages[0]!.nextPageToken; token !== ''; token = pages.at(-1)!.nextPageToken) {
      pages.push(controller.listReviews({ productId, pageSize: 7, pageToken: token }));
    }
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flatMap((page) => page.reviews)).toEqual(reviews.get(productId));
  });

  it('uses a page size of 10 by default', () => {
    const { reviews: page } = controller.listReviews({ productId: 'hp-drift', pageSize: 0, pageToken: '' });
    expect(page).toEqual(reviews.get('hp-drift')?.slice(0, 10));
  });

  it('returns an empty list for a product without reviews', () => {
    expect(controller.listReviews({ productId: 'hp-new', pageSize: 0, pageToken: '' })).toEqual({
      reviews: [],
      nextPageToken: '',
    });
  });

  it('rejects an invalid id, page size or page token and echoes the value', () => {
    const request = { productId: 'hp-aria', pageSize: 0, pageToken: '' };
    expect(() => controller.listReviews({ ...request, productId: '' })).toThrow(
      invalidArgument('product_id ""'),
    );
    expect(() => controller.listReviews({ ...request, pageSize: 51 })).toThrow(
      invalidArgument('page_size 51'),
    );
    expect(() => controller.listReviews({ ...request, pageSize: -1 })).toThrow(
      invalidArgument('page_size -1'),
    );
    expect(() => controller.listReviews({ ...request, pageToken: 'next' })).toThrow(
      invalidArgument('page_token "next"'),
    );
  });
});

describe('GetRatingSummary', () => {
  it.each([...reviews.keys()])('matches the reviews of %s', (productId) => {
    const { summary } = controller.getRatingSummary({ productId });
    const list = reviews.get(productId)!;
    const stars = summary!.histogram.reduce((sum, count, index) => sum + count * (index + 1), 0);
    expect(summary!.histogram.reduce((sum, count) => sum + count, 0)).toBe(list.length);
    expect(summary!.count).toBe(list.length);
    expect(summary!.mean).toBeCloseTo(stars / list.length, 2);
  });

  it('is all zeros for a product without reviews', () => {
    expect(controller.getRatingSummary({ productId: 'hp-new' }).summary).toEqual({
      count: 0,
      mean: 0,
      histogram: [0, 0, 0, 0, 0],
    });
  });

  it('rejects an invalid id', () => {
    expect(() => controller.getRatingSummary({ productId: 'hp_aria' })).toThrow(
      invalidArgument('product_id "hp_aria"'),
    );
  });
});

/** An INVALID_ARGUMENT error whose message contains `echoed`. */
function invalidArgument(echoed: string): object {
  return expect.objectContaining({
    code: GrpcStatus.INVALID_ARGUMENT,
    message: expect.stringContaining(echoed) as string,
  }) as object;
}
