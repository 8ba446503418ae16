// Original file: proto/shop/product/v1/product.proto


export interface ListProductsRequest {
  /**
   * How many products to return at most, 1 to 100. 0 means 20.
   */
  'pageSize'?: (number);
  /**
   * Where to go on: the next_page_token of the page before. Empty for the first page.
   */
  'pageToken'?: (string);
}

export interface ListProductsRequest__Output {
  /**
   * How many products to return at most, 1 to 100. 0 means 20.
   */
  'pageSize': (number);
  /**
   * Where to go on: the next_page_token of the page before. Empty for the first page.
   */
  'pageToken': (string);
}
