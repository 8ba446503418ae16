// Original file: proto/shop/inventory/v1/inventory.proto

import type { Inventory as _shop_inventory_v1_Inventory, Inventory__Output as _shop_inventory_v1_Inventory__Output } from '../../../shop/inventory/v1/Inventory.js';

export interface BatchGetInventoryResponse {
  /**
   * In the requested order.
   */
  'inventories'?: (_shop_inventory_v1_Inventory)[];
}

export interface BatchGetInventoryResponse__Output {
  /**
   * In the requested order.
   */
  'inventories': (_shop_inventory_v1_Inventory__Output)[];
}
