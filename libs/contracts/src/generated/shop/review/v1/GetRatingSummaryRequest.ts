// Original file: proto/shop/review/v1/review.proto


export interface GetRatingSummaryRequest {
  /**
   * Id of a product.
   */
  'productId'?: (string);
}

export interface GetRatingSummaryRequest__Output {
  /**
   * Id of a product.
   */
  'productId': (string);
}
