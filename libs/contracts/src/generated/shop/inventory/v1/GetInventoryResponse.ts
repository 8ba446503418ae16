// Original file: proto/shop/inventory/v1/inventory.proto

import type { Inventory as _shop_inventory_v1_Inventory, Inventory__Output as _shop_inventory_v1_Inventory__Output } from '../../../shop/inventory/v1/Inventory.js';

export interface GetInventoryResponse {
  /**
   * Always set.
   */
  'inventory'?: (_shop_inventory_v1_Inventory | null);
}

export interface GetInventoryResponse__Output {
  /**
   * Always set.
   */
  'inventory': (_shop_inventory_v1_Inventory__Output | null);
}
