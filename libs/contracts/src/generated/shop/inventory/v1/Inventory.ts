// Original file: proto/shop/inventory/v1/inventory.proto

import type { Variant as _shop_inventory_v1_Variant, Variant__Output as _shop_inventory_v1_Variant__Output } from '../../../shop/inventory/v1/Variant.js';

export interface Inventory {
  /**
   * Id of the product.
   */
  'productId'?: (string);
  /**
   * At least one, in the order the shop shows them.
   */
  'variants'?: (_shop_inventory_v1_Variant)[];
}

export interface Inventory__Output {
  /**
   * Id of the product.
   */
  'productId': (string);
  /**
   * At least one, in the order the shop shows them.
   */
  'variants': (_shop_inventory_v1_Variant__Output)[];
}
