import type { InventoryServiceClient } from './generated/shop/inventory/v1/InventoryService.js';
import type { ProductServiceClient } from './generated/shop/product/v1/ProductService.js';
import type { ReviewServiceClient } from './generated/shop/review/v1/ReviewService.js';
import { loaderOptions, protoDirectory } from './loader.js';

/** What it takes to serve or to call one of the shop's services. `C` is its generated client. */
export interface ServiceContract<C> {
  /** Its name in the registry. */
  readonly service: string;
  /** Its proto package. */
  readonly package: string;
  /** Its name in that package. */
  readonly grpcService: string;
  readonly protoPath: string;
  readonly includeDirs: readonly string[];
  readonly loader: typeof loaderOptions;
  /** Never set: carries the type. */
  readonly client?: C;
}

function contract<C>(service: string, domain: string, grpcService: string): ServiceContract<C> {
  return {
    service,
    package: `shop.${domain}.v1`,
    grpcService,
    protoPath: `shop/${domain}/v1/${domain}.proto`,
    includeDirs: [protoDirectory],
    loader: loaderOptions,
  };
}

export const productContract = contract<ProductServiceClient>('product-detail', 'product', 'ProductService');
export const inventoryContract = contract<InventoryServiceClient>(
  'inventory',
  'inventory',
  'InventoryService',
);
export const reviewContract = contract<ReviewServiceClient>('review', 'review', 'ReviewService');

export type { InventoryServiceClient, ProductServiceClient, ReviewServiceClient };
export type * from './messages.js';

/** The shape of a product's id, in every service. */
export const productIdShape = /^[a-z0-9][a-z0-9-]{0,63}$/;
