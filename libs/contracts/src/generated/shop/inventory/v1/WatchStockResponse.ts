// Original file: proto/shop/inventory/v1/inventory.proto

import type { StockLevel as _shop_inventory_v1_StockLevel, StockLevel__Output as _shop_inventory_v1_StockLevel__Output } from '../../../shop/inventory/v1/StockLevel.js';
import type { Long } from '@grpc/proto-loader';

export interface WatchStockResponse {
  /**
   * The stock of every variant, including unchanged ones.
   */
  'levels'?: (_shop_inventory_v1_StockLevel)[];
  /**
   * The time of this stock, in milliseconds since the Unix epoch.
   */
  'observedAtMs'?: (number | string | Long);
}

export interface WatchStockResponse__Output {
  /**
   * The stock of every variant, including unchanged ones.
   */
  'levels': (_shop_inventory_v1_StockLevel__Output)[];
  /**
   * The time of this stock, in milliseconds since the Unix epoch.
   */
  'observedAtMs': (number);
}
