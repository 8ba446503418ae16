// Original file: proto/shop/inventory/v1/inventory.proto


export interface StockLevel {
  /**
   * The variant.
   */
  'sku'?: (string);
  /**
   * Pieces in stock, 0 or more.
   */
  'stock'?: (number);
}

export interface StockLevel__Output {
  /**
   * The variant.
   */
  'sku': (string);
  /**
   * Pieces in stock, 0 or more.
   */
  'stock': (number);
}
