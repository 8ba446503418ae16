// Original file: proto/shop/inventory/v1/inventory.proto


export interface GetInventoryRequest {
  /**
   * Id of a product.
   */
  'productId'?: (string);
}

export interface GetInventoryRequest__Output {
  /**
   * Id of a product.
   */
  'productId': (string);
}
