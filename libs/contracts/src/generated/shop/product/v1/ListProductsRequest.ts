// Original file: proto/shop/product/v1/product.proto


export interface ListProductsRequest {
  /**
   * The maximum number of products to return, 1 to 100. 0 means 20.
   */
  'pageSize'?: (number);
  /**
   * The next_page_token of the previous page. Empty for the first page.
   */
  'pageToken'?: (string);
}

export interface ListProductsRequest__Output {
  /**
   * The maximum number of products to return, 1 to 100. 0 means 20.
   */
  'pageSize': (number);
  /**
   * The next_page_token of the previous page. Empty for the first page.
   */
  'pageToken': (string);
}
