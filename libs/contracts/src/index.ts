import { contract } from './contract.js';
import type { InventoryServiceClient } from './generated/shop/inventory/v1/InventoryService.js';
import type { ProductServiceClient } from './generated/shop/product/v1/ProductService.js';
import type { ReviewServiceClient } from './generated/shop/review/v1/ReviewService.js';

/** What is sold. */
export const productContract = contract<ProductServiceClient>('product-detail', 'product', 'ProductService');
/** Variants, prices, stock. */
export const inventoryContract = contract<InventoryServiceClient>(
  'inventory',
  'inventory',
  'InventoryService',
);
/** What people say of it. */
export const reviewContract = contract<ReviewServiceClient>('review', 'review', 'ReviewService');

/** The shape of a product's id, in every service. */
export const productIdShape = /^[a-z0-9][a-z0-9-]{0,63}$/;

export type { ServiceContract } from './contract.js';
export type { InventoryServiceClient, ProductServiceClient, ReviewServiceClient };
export type * from './messages.js';
