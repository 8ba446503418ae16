// Original file: proto/shop/inventory/v1/inventory.proto


export interface BatchGetInventoryRequest {
  /**
   * Ids of products, 1 to 100 of them.
   */
  'productIds'?: (string)[];
}

export interface BatchGetInventoryRequest__Output {
  /**
   * Ids of products, 1 to 100 of them.
   */
  'productIds': (string)[];
}
