import { productIdPattern } from '@rollcall/contracts';
import { describe, expect, it } from 'vitest';
import { catalog } from './catalog.js';

const variants = [...catalog.values()].flat();

describe('data/catalog.json', () => {
  it('has 24 products with valid ids', () => {
    expect(catalog.size).toBe(24);
    for (const id of catalog.keys()) expect(id).toMatch(productIdPattern);
  });

  it('has 2 to 4 variants of each product, each with different attributes', () => {
    for (const list of catalog.values()) {
      expect(list.length).toBeGreaterThanOrEqual(2);
      expect(list.length).toBeLessThanOrEqual(4);
      expect(new Set(list.map(({ attributes }) => JSON.stringify(attributes))).size).toBe(list.length);
    }
  });

  it('has a unique sku for every variant, prefixed with the product id', () => {
    expect(new Set(variants.map(({ sku }) => sku)).size).toBe(variants.length);
    for (const [id, list] of catalog) {
      for (const { sku } of list) expect(sku).toMatch(new RegExp(`^${id}-[a-z0-9-]+$`));
    }
  });

  it('has a valid Money price for every variant', () => {
    for (const { price } of variants) {
      expect(price.currencyCode).toMatch(/^[A-Z]{3}$/);
      expect(price.units).toBeGreaterThan(0);
      expect(Number.isInteger(price.units)).toBe(true);
      expect(price.nanos).toBeGreaterThanOrEqual(0);
      expect(price.nanos).toBeLessThan(1_000_000_000);
    }
  });

  it('has a higher price for some materials, and none for colours', () => {
    const unitsOf = (id: string) => catalog.get(id)?.map(({ price }) => price.units);
    expect(unitsOf('hp-fern')).toEqual([349, 389]);
    expect(unitsOf('hp-aria')).toEqual([189, 189, 189]);
  });
});
