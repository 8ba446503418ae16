import { Controller } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import {
  type GetRatingSummaryRequest,
  type GetRatingSummaryResponse,
  type ListReviewsRequest,
  type ListReviewsResponse,
  productIdShape,
} from '@rollcall/contracts';
import { assertField, page } from '@rollcall/service-kit';
import { reviews, summaryOf } from './reviews.js';

@Controller()
export class ReviewController {
  @GrpcMethod('ReviewService', 'ListReviews')
  listReviews({ productId, pageSize, pageToken }: ListReviewsRequest): ListReviewsResponse {
    assertField('product_id', productId, productIdShape);
    const { items, nextPageToken } = page(reviews.get(productId) ?? [], {
      pageSize,
      pageToken,
      defaultSize: 10,
      maxSize: 50,
    });
    return { reviews: items, nextPageToken };
  }

  @GrpcMethod('ReviewService', 'GetRatingSummary')
  getRatingSummary({ productId }: GetRatingSummaryRequest): GetRatingSummaryResponse {
    assertField('product_id', productId, productIdShape);
    return { summary: summaryOf(productId) };
  }
}
