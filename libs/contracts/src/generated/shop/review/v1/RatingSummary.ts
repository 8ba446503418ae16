// Original file: proto/shop/review/v1/review.proto


export interface RatingSummary {
  /**
   * The number of reviews.
   */
  'count'?: (number);
  /**
   * Mean rating, 1 to 5 stars, rounded to two decimals; 0 without reviews.
   */
  'mean'?: (number | string);
  /**
   * The number of reviews with 1, 2, 3, 4 and 5 stars, in this order. Always five numbers.
   */
  'histogram'?: (number)[];
}

export interface RatingSummary__Output {
  /**
   * The number of reviews.
   */
  'count': (number);
  /**
   * Mean rating, 1 to 5 stars, rounded to two decimals; 0 without reviews.
   */
  'mean': (number);
  /**
   * The number of reviews with 1, 2, 3, 4 and 5 stars, in this order. Always five numbers.
   */
  'histogram': (number)[];
}
