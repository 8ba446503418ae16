// Original file: proto/shop/inventory/v1/inventory.proto


export interface WatchStockRequest {
  /**
   * Id of a product.
   */
  'productId'?: (string);
}

export interface WatchStockRequest__Output {
  /**
   * Id of a product.
   */
  'productId': (string);
}
