import { fileURLToPath } from 'node:url';
import type { Options } from '@grpc/proto-loader';
import type { InventoryServiceClient } from './generated/shop/inventory/v1/InventoryService.js';
import type { ProductServiceClient } from './generated/shop/product/v1/ProductService.js';
import type { ReviewServiceClient } from './generated/shop/review/v1/ReviewService.js';

/** The same path from src/ and from dist/, in a checkout and in the image. */
const protoDirectory = fileURLToPath(new URL('../../../proto', import.meta.url));

/**
 * The options that generate.mjs generates the types for. Field names are in camel case. 64-bit integers are numbers:
 * ours are amounts of money and timestamps, far below 2^53.
 */
const loaderOptions = {
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
} as const satisfies Options;

/**
 * What a gRPC server or client of `shop.<domain>.v1` needs; it has the shape of discovery's `GrpcContract`.
 * `service` is the name in the registry, `C` the generated client.
 */
function contract<C>(service: string, domain: string, grpcService: string) {
  return {
    service,
    package: `shop.${domain}.v1`,
    grpcService,
    protoPath: `shop/${domain}/v1/${domain}.proto`,
    includeDirs: [protoDirectory],
    loader: loaderOptions,
    // Never set; carries the type of the client.
    ...({} as { readonly client?: C }),
  };
}

export const productContract = contract<ProductServiceClient>('product-detail', 'product', 'ProductService');
export const inventoryContract = contract<InventoryServiceClient>(
  'inventory',
  'inventory',
  'InventoryService',
);
export const reviewContract = contract<ReviewServiceClient>('review', 'review', 'ReviewService');

/** Valid product ids, in every service. */
export const productIdPattern = /^[a-z0-9][a-z0-9-]{0,63}$/;

export type { InventoryServiceClient, ProductServiceClient, ReviewServiceClient };
