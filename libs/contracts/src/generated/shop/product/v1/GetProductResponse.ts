// Original file: proto/shop/product/v1/product.proto

import type { Product as _shop_product_v1_Product, Product__Output as _shop_product_v1_Product__Output } from '../../../shop/product/v1/Product.js';

export interface GetProductResponse {
  /**
   * Always set.
   */
  'product'?: (_shop_product_v1_Product | null);
}

export interface GetProductResponse__Output {
  /**
   * Always set.
   */
  'product': (_shop_product_v1_Product__Output | null);
}
