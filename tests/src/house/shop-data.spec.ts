import { describe, expect, it } from 'vitest';

// By address, not by name: the services know nothing of each other, and only this test holds their data together.
const { products } = (await source('product-detail/src/products.ts')) as { products: { id: string }[] };
const { assortment } = (await source('inventory/src/assortment.ts')) as { assortment: Map<string, unknown> };
const { reviews } = (await source('review/src/reviews.ts')) as { reviews: Map<string, unknown> };

describe('the data that the services ship', () => {
  const ids = products.map(({ id }) => id).toSorted();

  it('has a price and a stock for exactly the products that are shown', () => {
    expect([...assortment.keys()].toSorted()).toEqual(ids);
  });

  it('has reviews of exactly the products that are shown', () => {
    expect([...reviews.keys()].toSorted()).toEqual(ids);
  });
});

function source(path: string): Promise<unknown> {
  return import(new URL(`../../../apps/${path}`, import.meta.url).href);
}
