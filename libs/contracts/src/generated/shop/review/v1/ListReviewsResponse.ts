// Original file: proto/shop/review/v1/review.proto

import type { Review as _shop_review_v1_Review, Review__Output as _shop_review_v1_Review__Output } from '../../../shop/review/v1/Review.js';

export interface ListReviewsResponse {
  /**
   * At most page_size reviews, newest first.
   */
  'reviews'?: (_shop_review_v1_Review)[];
  /**
   * Token of the next page. Empty on the last one.
   */
  'nextPageToken'?: (string);
}

export interface ListReviewsResponse__Output {
  /**
   * At most page_size reviews, newest first.
   */
  'reviews': (_shop_review_v1_Review__Output)[];
  /**
   * Token of the next page. Empty on the last one.
   */
  'nextPageToken': (string);
}
