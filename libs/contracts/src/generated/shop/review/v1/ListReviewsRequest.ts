// Original file: proto/shop/review/v1/review.proto


export interface ListReviewsRequest {
  /**
   * Id of a product.
   */
  'productId'?: (string);
  /**
   * The maximum number of reviews to return, 1 to 50. 0 means 10.
   */
  'pageSize'?: (number);
  /**
   * The next_page_token of the previous page. Empty for the first page.
   */
  'pageToken'?: (string);
}

export interface ListReviewsRequest__Output {
  /**
   * Id of a product.
   */
  'productId': (string);
  /**
   * The maximum number of reviews to return, 1 to 50. 0 means 10.
   */
  'pageSize': (number);
  /**
   * The next_page_token of the previous page. Empty for the first page.
   */
  'pageToken': (string);
}
