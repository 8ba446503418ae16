import { GrpcStatus } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { ReviewController } from './review.controller.js';
import { reviews } from './reviews.js';

const controller = new ReviewController();

describe('ListReviews', () => {
  it('leads through all reviews of a product, newest first', () => {
    const productId = 'hp-drift';
    const pages = [controller.listReviews({ productId, pageSize: 7, pageToken: '' })];
    for (let token = pages[0]!.nextPageToken; token !== ''; token = pages.at(-1)!.nextPageToken) {
      pages.push(controller.listReviews({ productId, pageSize: 7, pageToken: token }));
    }
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flatMap((page) => page.reviews)).toEqual(reviews.get(productId));
  });

  it('takes 10 for a page size that was not given', () => {
    const { reviews: page } = controller.listReviews({ productId: 'hp-drift', pageSize: 0, pageToken: '' });
    expect(page).toEqual(reviews.get('hp-drift')?.slice(0, 10));
  });

  it('has none of a product that nobody reviewed', () => {
    expect(controller.listReviews({ productId: 'hp-new', pageSize: 0, pageToken: '' })).toEqual({
      reviews: [],
      nextPageToken: '',
    });
  });

  it('refuses an id, a page size and a token that cannot be, and says which', () => {
    const request = { productId: 'hp-aria', pageSize: 0, pageToken: '' };
    expect(() => controller.listReviews({ ...request, productId: '' })).toThrow(refusal('product_id ""'));
    expect(() => controller.listReviews({ ...request, pageSize: 51 })).toThrow(refusal('page_size 51'));
    expect(() => controller.listReviews({ ...request, pageSize: -1 })).toThrow(refusal('page_size -1'));
    expect(() => controller.listReviews({ ...request, pageToken: 'next' })).toThrow(
      refusal('page_token "next"'),
    );
  });
});

describe('GetRatingSummary', () => {
  it.each([...reviews.keys()])('agrees with the reviews of %s', (productId) => {
    const { summary } = controller.getRatingSummary({ productId });
    const list = reviews.get(productId)!;
    const stars = summary!.histogram.reduce((sum, count, index) => sum + count * (index + 1), 0);
    expect(summary!.histogram.reduce((sum, count) => sum + count, 0)).toBe(list.length);
    expect(summary!.count).toBe(list.length);
    expect(summary!.mean).toBeCloseTo(stars / list.length, 2);
  });

  it('is all zeros for a product that nobody reviewed', () => {
    expect(controller.getRatingSummary({ productId: 'hp-new' }).summary).toEqual({
      count: 0,
      mean: 0,
      histogram: [0, 0, 0, 0, 0],
    });
  });

  it('refuses an id that cannot be', () => {
    expect(() => controller.getRatingSummary({ productId: 'hp_aria' })).toThrow(
      refusal('product_id "hp_aria"'),
    );
  });
});

/** INVALID_ARGUMENT that echoes this. */
function refusal(echoed: string): object {
  return expect.objectContaining({
    code: GrpcStatus.INVALID_ARGUMENT,
    message: expect.stringContaining(echoed) as string,
  }) as object;
}
