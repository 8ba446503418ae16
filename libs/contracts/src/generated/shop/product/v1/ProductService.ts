// Original file: proto/shop/product/v1/product.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetProductRequest as _shop_product_v1_GetProductRequest, GetProductRequest__Output as _shop_product_v1_GetProductRequest__Output } from '../../../shop/product/v1/GetProductRequest.js';
import type { GetProductResponse as _shop_product_v1_GetProductResponse, GetProductResponse__Output as _shop_product_v1_GetProductResponse__Output } from '../../../shop/product/v1/GetProductResponse.js';
import type { ListProductsRequest as _shop_product_v1_ListProductsRequest, ListProductsRequest__Output as _shop_product_v1_ListProductsRequest__Output } from '../../../shop/product/v1/ListProductsRequest.js';
import type { ListProductsResponse as _shop_product_v1_ListProductsResponse, ListProductsResponse__Output as _shop_product_v1_ListProductsResponse__Output } from '../../../shop/product/v1/ListProductsResponse.js';

/**
 * The texts and pictures of each product, without price or stock.
 */
export interface ProductServiceClient extends grpc.Client {
  /**
   * One product. NOT_FOUND for an unknown id, INVALID_ARGUMENT for a malformed one.
   */
  GetProduct(argument: _shop_product_v1_GetProductRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_product_v1_GetProductResponse__Output>): grpc.ClientUnaryCall;
  GetProduct(argument: _shop_product_v1_GetProductRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_product_v1_GetProductResponse__Output>): grpc.ClientUnaryCall;
  GetProduct(argument: _shop_product_v1_GetProductRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_product_v1_GetProductResponse__Output>): grpc.ClientUnaryCall;
  GetProduct(argument: _shop_product_v1_GetProductRequest, callback: grpc.requestCallback<_shop_product_v1_GetProductResponse__Output>): grpc.ClientUnaryCall;
  /**
   * One product. NOT_FOUND for an unknown id, INVALID_ARGUMENT for a malformed one.
   */
  getProduct(argument: _shop_product_v1_GetProductRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_product_v1_GetProductResponse__Output>): grpc.ClientUnaryCall;
  getProduct(argument: _shop_product_v1_GetProductRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_product_v1_GetProductResponse__Output>): grpc.ClientUnaryCall;
  getProduct(argument: _shop_product_v1_GetProductRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_product_v1_GetProductResponse__Output>): grpc.ClientUnaryCall;
  getProduct(argument: _shop_product_v1_GetProductRequest, callback: grpc.requestCallback<_shop_product_v1_GetProductResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * All products, ordered by id, in pages. INVALID_ARGUMENT for an invalid page size or token.
   */
  ListProducts(argument: _shop_product_v1_ListProductsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_product_v1_ListProductsResponse__Output>): grpc.ClientUnaryCall;
  ListProducts(argument: _shop_product_v1_ListProductsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_product_v1_ListProductsResponse__Output>): grpc.ClientUnaryCall;
  ListProducts(argument: _shop_product_v1_ListProductsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_product_v1_ListProductsResponse__Output>): grpc.ClientUnaryCall;
  ListProducts(argument: _shop_product_v1_ListProductsRequest, callback: grpc.requestCallback<_shop_product_v1_ListProductsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * All products, ordered by id, in pages. INVALID_ARGUMENT for an invalid page size or token.
   */
  listProducts(argument: _shop_product_v1_ListProductsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_product_v1_ListProductsResponse__Output>): grpc.ClientUnaryCall;
  listProducts(argument: _shop_product_v1_ListProductsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_shop_product_v1_ListProductsResponse__Output>): grpc.ClientUnaryCall;
  listProducts(argument: _shop_product_v1_ListProductsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_shop_product_v1_ListProductsResponse__Output>): grpc.ClientUnaryCall;
  listProducts(argument: _shop_product_v1_ListProductsRequest, callback: grpc.requestCallback<_shop_product_v1_ListProductsResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * The texts and pictures of each product, without price or stock.
 */
export interface ProductServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * One product. NOT_FOUND for an unknown id, INVALID_ARGUMENT for a malformed one.
   */
  GetProduct: grpc.handleUnaryCall<_shop_product_v1_GetProductRequest__Output, _shop_product_v1_GetProductResponse>;
  
  /**
   * All products, ordered by id, in pages. INVALID_ARGUMENT for an invalid page size or token.
   */
  ListProducts: grpc.handleUnaryCall<_shop_product_v1_ListProductsRequest__Output, _shop_product_v1_ListProductsResponse>;
  
}

export interface ProductServiceDefinition extends grpc.ServiceDefinition {
  GetProduct: MethodDefinition<_shop_product_v1_GetProductRequest, _shop_product_v1_GetProductResponse, _shop_product_v1_GetProductRequest__Output, _shop_product_v1_GetProductResponse__Output>
  ListProducts: MethodDefinition<_shop_product_v1_ListProductsRequest, _shop_product_v1_ListProductsResponse, _shop_product_v1_ListProductsRequest__Output, _shop_product_v1_ListProductsResponse__Output>
}
