import { readFileSync } from 'node:fs';
import type { Money, Variant } from '@rollcall/contracts';

export interface CatalogVariant extends Omit<Variant, 'price' | 'stock'> {
  readonly price: Money;
  /** Stock after a delivery. */
  readonly maxStock: number;
}

/** A variant in `data/catalog.json`, where variants are listed by product. */
interface VariantRecord extends Omit<CatalogVariant, 'price'> {
  readonly priceCents: number;
}

const records = JSON.parse(
  readFileSync(new URL('../data/catalog.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, readonly VariantRecord[]>>;

/** Variants by product id. The page shows the first one until the visitor selects another. */
export const catalog: ReadonlyMap<string, readonly CatalogVariant[]> = new Map(
  Object.entries(records).map(([productId, variants]) => [
    productId,
    variants.map(({ priceCents, ...variant }) => ({
      ...variant,
      price: {
        currencyCode: 'EUR',
        units: Math.floor(priceCents / 100),
        nanos: (priceCents % 100) * 10_000_000,
      },
    })),
  ]),
);
