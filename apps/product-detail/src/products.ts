import { readFileSync } from 'node:fs';
import type { Product } from '@rollcall/contracts';

/** Ordered by id. Ids never change: links, stock and reviews refer to them. */
export const products = JSON.parse(
  readFileSync(new URL('../data/products.json', import.meta.url), 'utf8'),
) as readonly Product[];

export const productsById: ReadonlyMap<string, Product> = new Map(
  products.map((product) => [product.id, product]),
);
