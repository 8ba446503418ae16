// Original file: proto/shop/product/v1/product.proto


export interface GetProductRequest {
  /**
   * Lower-case letters, digits and hyphens, 1 to 64 of them.
   */
  'id'?: (string);
}

export interface GetProductRequest__Output {
  /**
   * Lower-case letters, digits and hyphens, 1 to 64 of them.
   */
  'id': (string);
}
