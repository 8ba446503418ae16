// Original file: proto/shop/inventory/v1/inventory.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { BatchGetInventoryRequest as _shop_inventory_v1_BatchGetInventoryRequest, BatchGetInventoryRequest__Output as _shop_inventory_v1_BatchGetInventoryRequest__Output } from '../../../shop/inventory/v1/BatchGetInventoryRequest.js';
import type { BatchGetInventoryResponse as _shop_inventory_v1_BatchGetInventoryResponse, BatchGetInventoryResponse__Output as _shop_inventory_v1_BatchGetInventoryResponse__Output } from '../../../shop/inventory/v1/BatchGetInventoryResponse.js';
import type { GetInventoryRequest as _shop_inventory_v1_GetInventoryRequest, GetInventoryRequest__Output as _shop_inventory_v1_GetInventoryRequest__Output } from '../../../shop/inventory/v1/GetInventoryRequest.js';
import type { GetInventoryResponse as _shop_inventory_v1_GetInventoryResponse, GetInventoryResponse__Output as _shop_inventory_v1_GetInventoryResponse__Output } from '../../../shop/inventory/v1/GetInventoryResponse.js';
import type { WatchStockRequest as _shop_inventory_v1_WatchStockRequest, WatchStockRequest__Output as _shop_inventory_v1_WatchStockRequest__Output } from '../../../shop/inventory/v1/WatchStockRequest.js';
import type { WatchStockResponse as _shop_inventory_v1_WatchStockResponse, WatchStockResponse__Output as _shop_inventory_v1_WatchStockResponse__Output } from '../../../shop/inventory/v1/WatchStockResponse.js';

/**
 * The variants of each product, with price and stock.
 */
export interface InventoryServiceClient extends grpc.Client {
  /**
   * The same for several products; unknown ids are omitted. INVALID_ARGUMENT for a malformed id and for more than 100 ids.
   */
  BatchGetInventory(argument: _shop_inventory_v1_BatchGetInventoryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_inventory_v1_BatchGetInventoryResponse__Output>): grpc.ClientUnaryCall;
  BatchGetInventory(argument: _shop_inventory_v1_BatchGetInventoryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_inventory_v1_BatchGetInventoryResponse__Output>): grpc.ClientUnaryCall;
  BatchGetInventory(argument: _shop_inventory_v1_BatchGetInventoryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_inventory_v1_BatchGetInventoryResponse__Output>): grpc.ClientUnaryCall;
  BatchGetInventory(argument: _shop_inventory_v1_BatchGetInventoryRequest, callback: grpc.requestCallback<_shop_inventory_v1_BatchGetInventoryResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The same for several products; unknown ids are omitted. INVALID_ARGUMENT for a malformed id and for more than 100 ids.
   */
  batchGetInventory(argument: _shop_inventory_v1_BatchGetInventoryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_inventory_v1_BatchGetInventoryResponse__Output>): grpc.ClientUnaryCall;
  batchGetInventory(argument: _shop_inventory_v1_BatchGetInventoryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_inventory_v1_BatchGetInventoryResponse__Output>): grpc.ClientUnaryCall;
  batchGetInventory(argument: _shop_inventory_v1_BatchGetInventoryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_inventory_v1_BatchGetInventoryResponse__Output>): grpc.ClientUnaryCall;
  batchGetInventory(argument: _shop_inventory_v1_BatchGetInventoryRequest, callback: grpc.requestCallback<_shop_inventory_v1_BatchGetInventoryResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The variants of one product. NOT_FOUND for an unknown id, INVALID_ARGUMENT for a malformed one.
   */
  GetInventory(argument: _shop_inventory_v1_GetInventoryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_inventory_v1_GetInventoryResponse__Output>): grpc.ClientUnaryCall;
  GetInventory(argument: _shop_inventory_v1_GetInventoryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_inventory_v1_GetInventoryResponse__Output>): grpc.ClientUnaryCall;
  GetInventory(argument: _shop_inventory_v1_GetInventoryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_inventory_v1_GetInventoryResponse__Output>): grpc.ClientUnaryCall;
  GetInventory(argument: _shop_inventory_v1_GetInventoryRequest, callback: grpc.requestCallback<_shop_inventory_v1_GetInventoryResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The variants of one product. NOT_FOUND for an unknown id, INVALID_ARGUMENT for a malformed one.
   */
  getInventory(argument: _shop_inventory_v1_GetInventoryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_inventory_v1_GetInventoryResponse__Output>): grpc.ClientUnaryCall;
  getInventory(argument: _shop_inventory_v1_GetInventoryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_inventory_v1_GetInventoryResponse__Output>): grpc.ClientUnaryCall;
  getInventory(argument: _shop_inventory_v1_GetInventoryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_inventory_v1_GetInventoryResponse__Output>): grpc.ClientUnaryCall;
  getInventory(argument: _shop_inventory_v1_GetInventoryRequest, callback: grpc.requestCallback<_shop_inventory_v1_GetInventoryResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The stock of one product: first the current stock, unless the caller has seen it, then every change, until the caller cancels or the server
   * shuts down. NOT_FOUND for an unknown id. UNAVAILABLE when the server shuts down: resume on another instance.
   */
  WatchStock(argument: _shop_inventory_v1_WatchStockRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_shop_inventory_v1_WatchStockResponse__Output>;
  WatchStock(argument: _shop_inventory_v1_WatchStockRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_shop_inventory_v1_WatchStockResponse__Output>;
  /**
   * The stock of one product: first the current stock, unless the caller has seen it, then every change, until the caller cancels or the server
   * shuts down. NOT_FOUND for an unknown id. UNAVAILABLE when the server shuts down: resume on another instance.
   */
  watchStock(argument: _shop_inventory_v1_WatchStockRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_shop_inventory_v1_WatchStockResponse__Output>;
  watchStock(argument: _shop_inventory_v1_WatchStockRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_shop_inventory_v1_WatchStockResponse__Output>;
  
}

/**
 * The variants of each product, with price and stock.
 */
export interface InventoryServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * The same for several products; unknown ids are omitted. INVALID_ARGUMENT for a malformed id and for more than 100 ids.
   */
  BatchGetInventory: grpc.handleUnaryCall<_shop_inventory_v1_BatchGetInventoryRequest__Output, _shop_inventory_v1_BatchGetInventoryResponse>;
  
  /**
   * The variants of one product. NOT_FOUND for an unknown id, INVALID_ARGUMENT for a malformed one.
   */
  GetInventory: grpc.handleUnaryCall<_shop_inventory_v1_GetInventoryRequest__Output, _shop_inventory_v1_GetInventoryResponse>;
  
  /**
   * The stock of one product: first the current stock, unless the caller has seen it, then every change, until the caller cancels or the server
   * shuts down. NOT_FOUND for an unknown id. UNAVAILABLE when the server shuts down: resume on another instance.
   */
  WatchStock: grpc.handleServerStreamingCall<_shop_inventory_v1_WatchStockRequest__Output, _shop_inventory_v1_WatchStockResponse>;
  
}

export interface InventoryServiceDefinition extends grpc.ServiceDefinition {
  BatchGetInventory: MethodDefinition<_shop_inventory_v1_BatchGetInventoryRequest, _shop_inventory_v1_BatchGetInventoryResponse, _shop_inventory_v1_BatchGetInventoryRequest__Output, _shop_inventory_v1_BatchGetInventoryResponse__Output>
  GetInventory: MethodDefinition<_shop_inventory_v1_GetInventoryRequest, _shop_inventory_v1_GetInventoryResponse, _shop_inventory_v1_GetInventoryRequest__Output, _shop_inventory_v1_GetInventoryResponse__Output>
  WatchStock: MethodDefinition<_shop_inventory_v1_WatchStockRequest, _shop_inventory_v1_WatchStockResponse, _shop_inventory_v1_WatchStockRequest__Output, _shop_inventory_v1_WatchStockResponse__Output>
}
