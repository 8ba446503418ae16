import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { GetProductRequest as _shop_product_v1_GetProductRequest, GetProductRequest__Output as _shop_product_v1_GetProductRequest__Output } from './shop/product/v1/GetProductRequest.js';
import type { GetProductResponse as _shop_product_v1_GetProductResponse, GetProductResponse__Output as _shop_product_v1_GetProductResponse__Output } from './shop/product/v1/GetProductResponse.js';
import type { ListProductsRequest as _shop_product_v1_ListProductsRequest, ListProductsRequest__Output as _shop_product_v1_ListProductsRequest__Output } from './shop/product/v1/ListProductsRequest.js';
import type { ListProductsResponse as _shop_product_v1_ListProductsResponse, ListProductsResponse__Output as _shop_product_v1_ListProductsResponse__Output } from './shop/product/v1/ListProductsResponse.js';
import type { Product as _shop_product_v1_Product, Product__Output as _shop_product_v1_Product__Output } from './shop/product/v1/Product.js';
import type { ProductServiceClient as _shop_product_v1_ProductServiceClient, ProductServiceDefinition as _shop_product_v1_ProductServiceDefinition } from './shop/product/v1/ProductService.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  shop: {
    product: {
      v1: {
        GetProductRequest: MessageTypeDefinition<_shop_product_v1_GetProductRequest, _shop_product_v1_GetProductRequest__Output>
        GetProductResponse: MessageTypeDefinition<_shop_product_v1_GetProductResponse, _shop_product_v1_GetProductResponse__Output>
        ListProductsRequest: MessageTypeDefinition<_shop_product_v1_ListProductsRequest, _shop_product_v1_ListProductsRequest__Output>
        ListProductsResponse: MessageTypeDefinition<_shop_product_v1_ListProductsResponse, _shop_product_v1_ListProductsResponse__Output>
        Product: MessageTypeDefinition<_shop_product_v1_Product, _shop_product_v1_Product__Output>
        /**
         * The texts and pictures of each product, without price or stock.
         */
        ProductService: SubtypeConstructor<typeof grpc.Client, _shop_product_v1_ProductServiceClient> & { service: _shop_product_v1_ProductServiceDefinition }
      }
    }
  }
}

