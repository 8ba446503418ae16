// Original file: proto/shop/review/v1/review.proto

import type { RatingSummary as _shop_review_v1_RatingSummary, RatingSummary__Output as _shop_review_v1_RatingSummary__Output } from '../../../shop/review/v1/RatingSummary.js';

export interface GetRatingSummaryResponse {
  /**
   * The numbers. Always set.
   */
  'summary'?: (_shop_review_v1_RatingSummary | null);
}

export interface GetRatingSummaryResponse__Output {
  /**
   * The numbers. Always set.
   */
  'summary': (_shop_review_v1_RatingSummary__Output | null);
}
