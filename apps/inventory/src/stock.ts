import type { Inventory } from '@rollcall/contracts';
import { catalog } from './catalog.js';

/** How often a piece of a variant is sold, in ms. */
export const saleIntervalMs = 8_000;

/**
 * The inventory of a product at `now`, in ms since the Unix epoch; undefined for an unknown product.
 *
 * Stock has to change over time and to be the same in every instance, without a database. So it is a function of the
 * clock: each variant sells a piece every {@link saleIntervalMs}, and a sold-out variant is restocked with its next
 * sale. Instances whose clocks differ disagree by that much.
 */
export function inventoryAt(productId: string, now: number): Inventory | undefined {
  const variants = catalog
    .get(productId)
    ?.map(({ maxStock, ...variant }) => ({ stock: stockAt(variant.sku, maxStock, now), ...variant }));
  return variants && { productId, variants };
}

/** The next change of a product's stock after `now`, both in ms since the Unix epoch. */
export function nextSaleAfter(productId: string, now: number): number {
  const delays = (catalog.get(productId) ?? []).map(
    ({ sku }) => saleIntervalMs - ((now + phaseOf(sku)) % saleIntervalMs),
  );
  return now + Math.min(saleIntervalMs, ...delays);
}

function stockAt(sku: string, maxStock: number, now: number): number {
  const sales = Math.floor((now + phaseOf(sku)) / saleIntervalMs);
  return maxStock - (sales % (maxStock + 1));
}

/** Staggers the sales of different variants. */
function phaseOf(sku: string): number {
  return [...sku].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % saleIntervalMs, 0);
}
