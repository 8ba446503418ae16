// The contracts of the shop's page. Each service is a subpath, too: `@rollcall/contracts/inventory`.
export * from './services/inventory.js';
export * from './services/product.js';
export * from './services/review.js';
export { productIdPattern } from './product-id.js';
