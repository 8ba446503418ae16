// Original file: proto/shop/product/v1/product.proto

import type { Product as _shop_product_v1_Product, Product__Output as _shop_product_v1_Product__Output } from '../../../shop/product/v1/Product.js';

export interface ListProductsResponse {
  /**
   * At most page_size products.
   */
  'products'?: (_shop_product_v1_Product)[];
  /**
   * Token of the next page. Empty on the last one.
   */
  'nextPageToken'?: (string);
}

export interface ListProductsResponse__Output {
  /**
   * At most page_size products.
   */
  'products': (_shop_product_v1_Product__Output)[];
  /**
   * Token of the next page. Empty on the last one.
   */
  'nextPageToken': (string);
}
