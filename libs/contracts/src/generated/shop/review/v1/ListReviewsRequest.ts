// Original file: proto/shop/review/v1/review.proto


export interface ListReviewsRequest {
  /**
   * Id of a product.
   */
  'productId'?: (string);
  /**
   * How many reviews to return at most, 1 to 50. 0 means 10.
   */
  'pageSize'?: (number);
  /**
   * Where to go on: the next_page_token of the page before. Empty for the first page.
   */
  'pageToken'?: (string);
}

export interface ListReviewsRequest__Output {
  /**
   * Id of a product.
   */
  'productId': (string);
  /**
   * How many reviews to return at most, 1 to 50. 0 means 10.
   */
  'pageSize': (number);
  /**
   * Where to go on: the next_page_token of the page before. Empty for the first page.
   */
  'pageToken': (string);
}
