import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { BatchGetInventoryRequest as _shop_inventory_v1_BatchGetInventoryRequest, BatchGetInventoryRequest__Output as _shop_inventory_v1_BatchGetInventoryRequest__Output } from './shop/inventory/v1/BatchGetInventoryRequest.js';
import type { BatchGetInventoryResponse as _shop_inventory_v1_BatchGetInventoryResponse, BatchGetInventoryResponse__Output as _shop_inventory_v1_BatchGetInventoryResponse__Output } from './shop/inventory/v1/BatchGetInventoryResponse.js';
import type { GetInventoryRequest as _shop_inventory_v1_GetInventoryRequest, GetInventoryRequest__Output as _shop_inventory_v1_GetInventoryRequest__Output } from './shop/inventory/v1/GetInventoryRequest.js';
import type { GetInventoryResponse as _shop_inventory_v1_GetInventoryResponse, GetInventoryResponse__Output as _shop_inventory_v1_GetInventoryResponse__Output } from './shop/inventory/v1/GetInventoryResponse.js';
import type { Inventory as _shop_inventory_v1_Inventory, Inventory__Output as _shop_inventory_v1_Inventory__Output } from './shop/inventory/v1/Inventory.js';
import type { InventoryServiceClient as _shop_inventory_v1_InventoryServiceClient, InventoryServiceDefinition as _shop_inventory_v1_InventoryServiceDefinition } from './shop/inventory/v1/InventoryService.js';
import type { Money as _shop_inventory_v1_Money, Money__Output as _shop_inventory_v1_Money__Output } from './shop/inventory/v1/Money.js';
import type { StockLevel as _shop_inventory_v1_StockLevel, StockLevel__Output as _shop_inventory_v1_StockLevel__Output } from './shop/inventory/v1/StockLevel.js';
import type { Variant as _shop_inventory_v1_Variant, Variant__Output as _shop_inventory_v1_Variant__Output } from './shop/inventory/v1/Variant.js';
import type { WatchStockRequest as _shop_inventory_v1_WatchStockRequest, WatchStockRequest__Output as _shop_inventory_v1_WatchStockRequest__Output } from './shop/inventory/v1/WatchStockRequest.js';
import type { WatchStockResponse as _shop_inventory_v1_WatchStockResponse, WatchStockResponse__Output as _shop_inventory_v1_WatchStockResponse__Output } from './shop/inventory/v1/WatchStockResponse.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  shop: {
    inventory: {
      v1: {
        BatchGetInventoryRequest: MessageTypeDefinition<_shop_inventory_v1_BatchGetInventoryRequest, _shop_inventory_v1_BatchGetInventoryRequest__Output>
        BatchGetInventoryResponse: MessageTypeDefinition<_shop_inventory_v1_BatchGetInventoryResponse, _shop_inventory_v1_BatchGetInventoryResponse__Output>
        GetInventoryRequest: MessageTypeDefinition<_shop_inventory_v1_GetInventoryRequest, _shop_inventory_v1_GetInventoryRequest__Output>
        GetInventoryResponse: MessageTypeDefinition<_shop_inventory_v1_GetInventoryResponse, _shop_inventory_v1_GetInventoryResponse__Output>
        Inventory: MessageTypeDefinition<_shop_inventory_v1_Inventory, _shop_inventory_v1_Inventory__Output>
        /**
         * The variants of each product, with price and stock.
         */
        InventoryService: SubtypeConstructor<typeof grpc.Client, _shop_inventory_v1_InventoryServiceClient> & { service: _shop_inventory_v1_InventoryServiceDefinition }
        Money: MessageTypeDefinition<_shop_inventory_v1_Money, _shop_inventory_v1_Money__Output>
        StockLevel: MessageTypeDefinition<_shop_inventory_v1_StockLevel, _shop_inventory_v1_StockLevel__Output>
        Variant: MessageTypeDefinition<_shop_inventory_v1_Variant, _shop_inventory_v1_Variant__Output>
        WatchStockRequest: MessageTypeDefinition<_shop_inventory_v1_WatchStockRequest, _shop_inventory_v1_WatchStockRequest__Output>
        WatchStockResponse: MessageTypeDefinition<_shop_inventory_v1_WatchStockResponse, _shop_inventory_v1_WatchStockResponse__Output>
      }
    }
  }
}

