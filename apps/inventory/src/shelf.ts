import type { Inventory, StockLevel } from '@rollcall/contracts';
import { assortment, type Carried } from './assortment.js';

/** How often a piece is sold or put back, in ms. */
export const tickMs = 2_000;

/**
 * What is in stock at a moment. There is no warehouse behind this shop, but stock must move and every instance must
 * say the same: so it is a function of the clock. Each tick one variant of a product sells a piece; after as many ticks
 * as it has pieces the shelf is filled again.
 */
function stockAt(carried: Carried, index: number, now: number): number {
  const tick = Math.floor(now / tickMs) + 7 * index;
  return carried.shelved - (Math.floor(tick / 4) % (carried.shelved + 1));
}

/** The inventory of a product at `now`, in ms since the Unix epoch; undefined when it is not carried. */
export function inventoryOf(productId: string, now: number): Inventory | undefined {
  const variants = assortment.get(productId)?.map((carried, index) => ({
    sku: carried.sku,
    attributes: { ...carried.attributes },
    price: carried.price,
    stock: stockAt(carried, index, now),
  }));
  return variants && { productId, variants };
}

export function levelsOf(inventory: Inventory): StockLevel[] {
  return inventory.variants.map(({ sku, stock }) => ({ sku, stock }));
}
