// Original file: proto/shop/review/v1/review.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetRatingSummaryRequest as _shop_review_v1_GetRatingSummaryRequest, GetRatingSummaryRequest__Output as _shop_review_v1_GetRatingSummaryRequest__Output } from '../../../shop/review/v1/GetRatingSummaryRequest.js';
import type { GetRatingSummaryResponse as _shop_review_v1_GetRatingSummaryResponse, GetRatingSummaryResponse__Output as _shop_review_v1_GetRatingSummaryResponse__Output } from '../../../shop/review/v1/GetRatingSummaryResponse.js';
import type { ListReviewsRequest as _shop_review_v1_ListReviewsRequest, ListReviewsRequest__Output as _shop_review_v1_ListReviewsRequest__Output } from '../../../shop/review/v1/ListReviewsRequest.js';
import type { ListReviewsResponse as _shop_review_v1_ListReviewsResponse, ListReviewsResponse__Output as _shop_review_v1_ListReviewsResponse__Output } from '../../../shop/review/v1/ListReviewsResponse.js';

/**
 * What people say of a product.
 */
export interface ReviewServiceClient extends grpc.Client {
  /**
   * All the ratings of a product in a few numbers. INVALID_ARGUMENT when the id is malformed.
   */
  GetRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  GetRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  GetRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  GetRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  /**
   * All the ratings of a product in a few numbers. INVALID_ARGUMENT when the id is malformed.
   */
  getRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  getRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  getRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  getRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The reviews of a product, newest first, a page at a time. A product that nobody reviewed has none.
   * INVALID_ARGUMENT for an id, page size or token that cannot be.
   */
  ListReviews(argument: _shop_review_v1_ListReviewsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  ListReviews(argument: _shop_review_v1_ListReviewsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  ListReviews(argument: _shop_review_v1_ListReviewsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  ListReviews(argument: _shop_review_v1_ListReviewsRequest, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The reviews of a product, newest first, a page at a time. A product that nobody reviewed has none.
   * INVALID_ARGUMENT for an id, page size or token that cannot be.
   */
  listReviews(argument: _shop_review_v1_ListReviewsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  listReviews(argument: _shop_review_v1_ListReviewsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  listReviews(argument: _shop_review_v1_ListReviewsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  listReviews(argument: _shop_review_v1_ListReviewsRequest, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * What people say of a product.
 */
export interface ReviewServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * All the ratings of a product in a few numbers. INVALID_ARGUMENT when the id is malformed.
   */
  GetRatingSummary: grpc.handleUnaryCall<_shop_review_v1_GetRatingSummaryRequest__Output, _shop_review_v1_GetRatingSummaryResponse>;
  
  /**
   * The reviews of a product, newest first, a page at a time. A product that nobody reviewed has none.
   * INVALID_ARGUMENT for an id, page size or token that cannot be.
   */
  ListReviews: grpc.handleUnaryCall<_shop_review_v1_ListReviewsRequest__Output, _shop_review_v1_ListReviewsResponse>;
  
}

export interface ReviewServiceDefinition extends grpc.ServiceDefinition {
  GetRatingSummary: MethodDefinition<_shop_review_v1_GetRatingSummaryRequest, _shop_review_v1_GetRatingSummaryResponse, _shop_review_v1_GetRatingSummaryRequest__Output, _shop_review_v1_GetRatingSummaryResponse__Output>
  ListReviews: MethodDefinition<_shop_review_v1_ListReviewsRequest, _shop_review_v1_ListReviewsResponse, _shop_review_v1_ListReviewsRequest__Output, _shop_review_v1_ListReviewsResponse__Output>
}
