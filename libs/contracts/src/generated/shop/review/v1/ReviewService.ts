// Original file: proto/shop/review/v1/review.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetRatingSummaryRequest as _shop_review_v1_GetRatingSummaryRequest, GetRatingSummaryRequest__Output as _shop_review_v1_GetRatingSummaryRequest__Output } from '../../../shop/review/v1/GetRatingSummaryRequest.js';
import type { GetRatingSummaryResponse as _shop_review_v1_GetRatingSummaryResponse, GetRatingSummaryResponse__Output as _shop_review_v1_GetRatingSummaryResponse__Output } from '../../../shop/review/v1/GetRatingSummaryResponse.js';
import type { ListReviewsRequest as _shop_review_v1_ListReviewsRequest, ListReviewsRequest__Output as _shop_review_v1_ListReviewsRequest__Output } from '../../../shop/review/v1/ListReviewsRequest.js';
import type { ListReviewsResponse as _shop_review_v1_ListReviewsResponse, ListReviewsResponse__Output as _shop_review_v1_ListReviewsResponse__Output } from '../../../shop/review/v1/ListReviewsResponse.js';

/**
 * The reviews of each product.
 */
export interface ReviewServiceClient extends grpc.Client {
  /**
   * Number, mean and distribution of a product's ratings. INVALID_ARGUMENT for a malformed id.
   */
  GetRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  GetRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  GetRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  GetRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Number, mean and distribution of a product's ratings. INVALID_ARGUMENT for a malformed id.
   */
  getRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  getRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  getRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  getRatingSummary(argument: _shop_review_v1_GetRatingSummaryRequest, callback: grpc.requestCallback<_shop_review_v1_GetRatingSummaryResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The reviews of a product, newest first, in pages. None for an unknown product.
   * INVALID_ARGUMENT for an invalid id, page size or token.
   */
  ListReviews(argument: _shop_review_v1_ListReviewsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  ListReviews(argument: _shop_review_v1_ListReviewsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  ListReviews(argument: _shop_review_v1_ListReviewsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  ListReviews(argument: _shop_review_v1_ListReviewsRequest, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The reviews of a product, newest first, in pages. None for an unknown product.
   * INVALID_ARGUMENT for an invalid id, page size or token.
   */
  listReviews(argument: _shop_review_v1_ListReviewsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  listReviews(argument: _shop_review_v1_ListReviewsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  listReviews(argument: _shop_review_v1_ListReviewsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  listReviews(argument: _shop_review_v1_ListReviewsRequest, callback: grpc.requestCallback<_shop_review_v1_ListReviewsResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * The reviews of each product.
 */
export interface ReviewServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Number, mean and distribution of a product's ratings. INVALID_ARGUMENT for a malformed id.
   */
  GetRatingSummary: grpc.handleUnaryCall<_shop_review_v1_GetRatingSummaryRequest__Output, _shop_review_v1_GetRatingSummaryResponse>;
  
  /**
   * The reviews of a product, newest first, in pages. None for an unknown product.
   * INVALID_ARGUMENT for an invalid id, page size or token.
   */
  ListReviews: grpc.handleUnaryCall<_shop_review_v1_ListReviewsRequest__Output, _shop_review_v1_ListReviewsResponse>;
  
}

export interface ReviewServiceDefinition extends grpc.ServiceDefinition {
  GetRatingSummary: MethodDefinition<_shop_review_v1_GetRatingSummaryRequest, _shop_review_v1_GetRatingSummaryResponse, _shop_review_v1_GetRatingSummaryRequest__Output, _shop_review_v1_GetRatingSummaryResponse__Output>
  ListReviews: MethodDefinition<_shop_review_v1_ListReviewsRequest, _shop_review_v1_ListReviewsResponse, _shop_review_v1_ListReviewsRequest__Output, _shop_review_v1_ListReviewsResponse__Output>
}
