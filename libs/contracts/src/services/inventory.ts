import { contract } from '../contract.js';
import type { InventoryServiceClient } from '../generated/shop/inventory/v1/InventoryService.js';

export const inventoryContract = contract<InventoryServiceClient>(
  'inventory',
  'inventory',
  'InventoryService',
);

export type { InventoryServiceClient };
// Messages as received, with every field set. The client type says which fields a sender may omit.
export type { BatchGetInventoryRequest__Output as BatchGetInventoryRequest } from '../generated/shop/inventory/v1/BatchGetInventoryRequest.js';
export type { BatchGetInventoryResponse__Output as BatchGetInventoryResponse } from '../generated/shop/inventory/v1/BatchGetInventoryResponse.js';
export type { GetInventoryRequest__Output as GetInventoryRequest } from '../generated/shop/inventory/v1/GetInventoryRequest.js';
export type { GetInventoryResponse__Output as GetInventoryResponse } from '../generated/shop/inventory/v1/GetInventoryResponse.js';
export type { Inventory__Output as Inventory } from '../generated/shop/inventory/v1/Inventory.js';
export type { Money__Output as Money } from '../generated/shop/inventory/v1/Money.js';
export type { StockLevel__Output as StockLevel } from '../generated/shop/inventory/v1/StockLevel.js';
export type { Variant__Output as Variant } from '../generated/shop/inventory/v1/Variant.js';
export type { WatchStockRequest__Output as WatchStockRequest } from '../generated/shop/inventory/v1/WatchStockRequest.js';
export type { WatchStockResponse__Output as WatchStockResponse } from '../generated/shop/inventory/v1/WatchStockResponse.js';
