import { Controller } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import {
  type GetRatingSummaryRequest,
  type GetRatingSummaryResponse,
  type ListReviewsRequest,
  type ListReviewsResponse,
  productIdShape,
  type RatingSummary,
} from '@rollcall/contracts';
import { assertFieldMatches, paginate } from '@rollcall/service-kit';
import { summarise } from './rating-summary.js';
import { reviews } from './reviews.js';

const summaries = new Map<string, RatingSummary>([...reviews].map(([id, list]) => [id, summarise(list)]));

@Controller()
export class ReviewController {
  @GrpcMethod('ReviewService', 'ListReviews')
  listReviews({ productId, pageSize, pageToken }: ListReviewsRequest): ListReviewsResponse {
    assertFieldMatches('product_id', productId, productIdShape);
    const { items, nextPageToken } = paginate(reviews.get(productId) ?? [], {
      pageSize,
      pageToken,
      defaultSize: 10,
      maxSize: 50,
    });
    return { reviews: items, nextPageToken };
  }

  @GrpcMethod('ReviewService', 'GetRatingSummary')
  getRatingSummary({ productId }: GetRatingSummaryRequest): GetRatingSummaryResponse {
    assertFieldMatches('product_id', productId, productIdShape);
    return { summary: summaries.get(productId) ?? summarise([]) };
  }
}
