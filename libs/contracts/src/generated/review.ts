import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { GetRatingSummaryRequest as _shop_review_v1_GetRatingSummaryRequest, GetRatingSummaryRequest__Output as _shop_review_v1_GetRatingSummaryRequest__Output } from './shop/review/v1/GetRatingSummaryRequest.js';
import type { GetRatingSummaryResponse as _shop_review_v1_GetRatingSummaryResponse, GetRatingSummaryResponse__Output as _shop_review_v1_GetRatingSummaryResponse__Output } from './shop/review/v1/GetRatingSummaryResponse.js';
import type { ListReviewsRequest as _shop_review_v1_ListReviewsRequest, ListReviewsRequest__Output as _shop_review_v1_ListReviewsRequest__Output } from './shop/review/v1/ListReviewsRequest.js';
import type { ListReviewsResponse as _shop_review_v1_ListReviewsResponse, ListReviewsResponse__Output as _shop_review_v1_ListReviewsResponse__Output } from './shop/review/v1/ListReviewsResponse.js';
import type { RatingSummary as _shop_review_v1_RatingSummary, RatingSummary__Output as _shop_review_v1_RatingSummary__Output } from './shop/review/v1/RatingSummary.js';
import type { Review as _shop_review_v1_Review, Review__Output as _shop_review_v1_Review__Output } from './shop/review/v1/Review.js';
import type { ReviewServiceClient as _shop_review_v1_ReviewServiceClient, ReviewServiceDefinition as _shop_review_v1_ReviewServiceDefinition } from './shop/review/v1/ReviewService.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  shop: {
    review: {
      v1: {
        GetRatingSummaryRequest: MessageTypeDefinition<_shop_review_v1_GetRatingSummaryRequest, _shop_review_v1_GetRatingSummaryRequest__Output>
        GetRatingSummaryResponse: MessageTypeDefinition<_shop_review_v1_GetRatingSummaryResponse, _shop_review_v1_GetRatingSummaryResponse__Output>
        ListReviewsRequest: MessageTypeDefinition<_shop_review_v1_ListReviewsRequest, _shop_review_v1_ListReviewsRequest__Output>
        ListReviewsResponse: MessageTypeDefinition<_shop_review_v1_ListReviewsResponse, _shop_review_v1_ListReviewsResponse__Output>
        RatingSummary: MessageTypeDefinition<_shop_review_v1_RatingSummary, _shop_review_v1_RatingSummary__Output>
        Review: MessageTypeDefinition<_shop_review_v1_Review, _shop_review_v1_Review__Output>
        /**
         * The reviews of each product.
         */
        ReviewService: SubtypeConstructor<typeof grpc.Client, _shop_review_v1_ReviewServiceClient> & { service: _shop_review_v1_ReviewServiceDefinition }
      }
    }
  }
}

