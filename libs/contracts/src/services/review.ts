import { contract } from '../contract.js';
import type { ReviewServiceClient } from '../generated/shop/review/v1/ReviewService.js';

export const reviewContract = contract<ReviewServiceClient>('review', 'review', 'ReviewService');

export type { ReviewServiceClient };
// Messages as received, with every field set. The client type says which fields a sender may omit.
export type { GetRatingSummaryRequest__Output as GetRatingSummaryRequest } from '../generated/shop/review/v1/GetRatingSummaryRequest.js';
export type { GetRatingSummaryResponse__Output as GetRatingSummaryResponse } from '../generated/shop/review/v1/GetRatingSummaryResponse.js';
export type { ListReviewsRequest__Output as ListReviewsRequest } from '../generated/shop/review/v1/ListReviewsRequest.js';
export type { ListReviewsResponse__Output as ListReviewsResponse } from '../generated/shop/review/v1/ListReviewsResponse.js';
export type { RatingSummary__Output as RatingSummary } from '../generated/shop/review/v1/RatingSummary.js';
export type { Review__Output as Review } from '../generated/shop/review/v1/Review.js';
