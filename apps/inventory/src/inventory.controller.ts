import { Controller } from '@nestjs/common';
import { GrpcInvalidArgumentException, GrpcMethod, GrpcNotFoundException } from '@nestjs/microservices';
import {
  type BatchGetInventoryRequest,
  type BatchGetInventoryResponse,
  type GetInventoryRequest,
  type GetInventoryResponse,
  type Inventory,
  productIdShape,
  type WatchStockRequest,
  type WatchStockResponse,
} from '@rollcall/contracts';
import { assertFieldMatches } from '@rollcall/service-kit';
import type { Observable } from 'rxjs';
import { inventoryAt } from './shelf.js';
import { watchStock } from './stock-watch.js';

const maxBatch = 100;

@Controller()
export class InventoryController {
  @GrpcMethod('InventoryService', 'GetInventory')
  getInventory({ productId }: GetInventoryRequest): GetInventoryResponse {
    return { inventory: carried(productId) };
  }

  @GrpcMethod('InventoryService', 'BatchGetInventory')
  batchGetInventory({ productIds }: BatchGetInventoryRequest): BatchGetInventoryResponse {
    if (productIds.length < 1 || productIds.length > maxBatch) {
      throw new GrpcInvalidArgumentException(
        `${productIds.length} product_ids are not usable; ask for 1 to ${maxBatch}`,
      );
    }
    for (const productId of productIds) assertFieldMatches('product_ids', productId, productIdShape);
    const now = Date.now();
    const inventories = productIds
      .map((productId) => inventoryAt(productId, now))
      .filter((inventory) => inventory !== undefined);
    return { inventories };
  }

  @GrpcMethod('InventoryService', 'WatchStock')
  watchStock({ productId, seenAtMs }: WatchStockRequest): Observable<WatchStockResponse> {
    carried(productId);
    return watchStock(productId, seenAtMs);
  }
}

/** The inventory of a product, or the error that says why there is none. */
function carried(productId: string): Inventory {
  assertFieldMatches('product_id', productId, productIdShape);
  const inventory = inventoryAt(productId, Date.now());
  if (!inventory) throw new GrpcNotFoundException(`product "${productId}" is not carried`);
  return inventory;
}
