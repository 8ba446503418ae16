import type { Inventory } from '@rollcall/contracts';
import { assortment, type CarriedVariant } from './assortment.js';

/** How often a piece of a variant is sold, in ms. */
export const saleEveryMs = 8_000;

/**
 * The inventory of a product at `now`, in ms since the Unix epoch; undefined when it is not carried.
 *
 * There is no warehouse behind this shop, yet stock must move and every instance must say the same. So it is a function
 * of the clock: each variant sells a piece every {@link saleEveryMs}, and when none is left the next delivery fills the
 * shelf. Instances on hosts whose clocks differ disagree for as long as they differ.
 */
export function inventoryAt(productId: string, now: number): Inventory | undefined {
  const carried = assortment.get(productId);
  const variants = carried?.map((variant) => ({
    sku: variant.sku,
    attributes: variant.attributes,
    price: variant.price,
    stock: stockAt(variant, now),
  }));
  return variants && { productId, variants };
}

/** When the stock of a product changes next after `now`, both in ms since the Unix epoch. */
export function nextSaleAfter(productId: string, now: number): number {
  const waits = (assortment.get(productId) ?? []).map(
    ({ sku }) => saleEveryMs - ((now + phaseOf(sku)) % saleEveryMs),
  );
  return now + Math.min(saleEveryMs, ...waits);
}

function stockAt({ sku, shelved }: CarriedVariant, now: number): number {
  const sales = Math.floor((now + phaseOf(sku)) / saleEveryMs);
  return shelved - (sales % (shelved + 1));
}

/** Spreads the sales of all variants over the time between two of one, so that the shop does not move in step. */
function phaseOf(sku: string): number {
  return [...sku].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % saleEveryMs, 0);
}
