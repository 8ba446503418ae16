import { Controller } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import {
  type GetRatingSummaryRequest,
  type GetRatingSummaryResponse,
  type ListReviewsRequest,
  type ListReviewsResponse,
  productIdPattern,
  type RatingSummary,
} from '@rollcall/contracts';
import { assertFieldMatches, paginate } from '@rollcall/service-kit';
import { ratingSummary, reviews } from './reviews.js';

const summaries = new Map<string, RatingSummary>([...reviews].map(([id, list]) => [id, ratingSummary(list)]));

@Controller()
export class ReviewController {
  @GrpcMethod('ReviewService', 'ListReviews')
  listReviews({ productId, pageSize, pageToken }: ListReviewsRequest): ListReviewsResponse {
    assertFieldMatches('product_id', productId, productIdPattern);
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
    assertFieldMatches('product_id', productId, productIdPattern);
    return { summary: summaries.get(productId) ?? ratingSummary([]) };
  }
}
