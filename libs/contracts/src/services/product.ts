import { contract } from '../contract.js';
import type { ProductServiceClient } from '../generated/shop/product/v1/ProductService.js';

export const productContract = contract<ProductServiceClient>('product-detail', 'product', 'ProductService');

export type { ProductServiceClient };
// Messages as received, with every field set. The client type says which fields a sender may omit.
export type { GetProductRequest__Output as GetProductRequest } from '../generated/shop/product/v1/GetProductRequest.js';
export type { GetProductResponse__Output as GetProductResponse } from '../generated/shop/product/v1/GetProductResponse.js';
export type { ListProductsRequest__Output as ListProductsRequest } from '../generated/shop/product/v1/ListProductsRequest.js';
export type { ListProductsResponse__Output as ListProductsResponse } from '../generated/shop/product/v1/ListProductsResponse.js';
export type { Product__Output as Product } from '../generated/shop/product/v1/Product.js';
