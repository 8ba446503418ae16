import { Controller } from '@nestjs/common';
import { GrpcInvalidArgumentException, GrpcMethod, GrpcNotFoundException } from '@nestjs/microservices';
import {
  type BatchGetInventoryRequest,
  type BatchGetInventoryResponse,
  type GetInventoryRequest,
  type GetInventoryResponse,
  type Inventory,
  productIdPattern,
  type WatchStockRequest,
  type WatchStockResponse,
} from '@rollcall/contracts';
import { assertFieldMatches } from '@rollcall/service-kit';
import type { Observable } from 'rxjs';
import { inventoryAt } from './stock.js';
import { watchStock } from './stock-watch.js';

const maxBatchSize = 100;

@Controller()
export class InventoryController {
  @GrpcMethod('InventoryService', 'GetInventory')
  getInventory({ productId }: GetInventoryRequest): GetInventoryResponse {
    return { inventory: getInventoryOrThrow(productId) };
  }

  @GrpcMethod('InventoryService', 'BatchGetInventory')
  batchGetInventory({ productIds }: BatchGetInventoryRequest): BatchGetInventoryResponse {
    if (productIds.length < 1 || productIds.length > maxBatchSize) {
      throw new GrpcInvalidArgumentException(
        `invalid number of product_ids ${productIds.length}: use 1 to ${maxBatchSize}`,
      );
    }
    for (const productId of productIds) assertFieldMatches('product_ids', productId, productIdPattern);
    const now = Date.now();
    const inventories = productIds
      .map((productId) => inventoryAt(productId, now))
      .filter((inventory) => inventory !== undefined);
    return { inventories };
  }

  @GrpcMethod('InventoryService', 'WatchStock')
  watchStock({ productId, seenAtMs }: WatchStockRequest): Observable<WatchStockResponse> {
    getInventoryOrThrow(productId);
    return watchStock(productId, seenAtMs);
  }
}

/** @throws {GrpcInvalidArgumentException | GrpcNotFoundException} for an invalid or unknown id. */
function getInventoryOrThrow(productId: string): Inventory {
  assertFieldMatches('product_id', productId, productIdPattern);
  const inventory = inventoryAt(productId, Date.now());
  if (!inventory) throw new GrpcNotFoundException(`product "${productId}" not found`);
  return inventory;
}
