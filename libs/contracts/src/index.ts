export { inventoryContract, productContract, productIdPattern, reviewContract } from './shop-contracts.js';
export type { InventoryServiceClient, ProductServiceClient, ReviewServiceClient } from './shop-contracts.js';
export type * from './messages.js';
