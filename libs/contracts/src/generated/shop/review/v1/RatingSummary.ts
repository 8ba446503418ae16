// Original file: proto/shop/review/v1/review.proto


export interface RatingSummary {
  /**
   * How many reviews there are.
   */
  'count'?: (number);
  /**
   * Mean rating, 1 to 5 stars, to two decimals; 0 when there is no review.
   */
  'mean'?: (number | string);
  /**
   * How many reviews gave 1, 2, 3, 4 and 5 stars, in this order. Always five numbers.
   */
  'histogram'?: (number)[];
}

export interface RatingSummary__Output {
  /**
   * How many reviews there are.
   */
  'count': (number);
  /**
   * Mean rating, 1 to 5 stars, to two decimals; 0 when there is no review.
   */
  'mean': (number);
  /**
   * How many reviews gave 1, 2, 3, 4 and 5 stars, in this order. Always five numbers.
   */
  'histogram': (number)[];
}
