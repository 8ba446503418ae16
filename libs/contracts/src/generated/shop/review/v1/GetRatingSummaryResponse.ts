// Original file: proto/shop/review/v1/review.proto

import type { RatingSummary as _shop_review_v1_RatingSummary, RatingSummary__Output as _shop_review_v1_RatingSummary__Output } from '../../../shop/review/v1/RatingSummary.js';

export interface GetRatingSummaryResponse {
  /**
   * Always set.
   */
  'summary'?: (_shop_review_v1_RatingSummary | null);
}

export interface GetRatingSummaryResponse__Output {
  /**
   * Always set.
   */
  'summary': (_shop_review_v1_RatingSummary__Output | null);
}
