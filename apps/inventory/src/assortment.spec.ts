import { productIdShape } from '@rollcall/contracts';
import { describe, expect, it } from 'vitest';
import { assortment } from './assortment.js';

const variants = [...assortment.values()].flat();

describe('the assortment', () => {
  it('carries 24 products whose ids every service takes', () => {
    expect(assortment.size).toBe(24);
    for (const id of assortment.keys()) expect(id).toMatch(productIdShape);
  });

  it('has 2 to 4 variants of each, no two alike', () => {
    for (const carried of assortment.values()) {
      expect(carried.length).toBeGreaterThanOrEqual(2);
      expect(carried.length).toBeLessThanOrEqual(4);
      expect(new Set(carried.map(({ attributes }) => JSON.stringify(attributes))).size).toBe(carried.length);
    }
  });

  it('gives every variant a sku of its own, which starts with the id of its product', () => {
    expect(new Set(variants.map(({ sku }) => sku)).size).toBe(variants.length);
    for (const [id, carried] of assortment) {
      for (const { sku } of carried) expect(sku).toMatch(new RegExp(`^${id}-[a-z0-9-]+$`));
    }
  });

  it('asks a price that Money can carry: a currency, whole units, and nanos below one of them', () => {
    for (const { price } of variants) {
      expect(price.currencyCode).toMatch(/^[A-Z]{3}$/);
      expect(price.units).toBeGreaterThan(0);
      expect(Number.isInteger(price.units)).toBe(true);
      expect(price.nanos).toBeGreaterThanOrEqual(0);
      expect(price.nanos).toBeLessThan(1_000_000_000);
    }
  });

  it('lets a better material cost more, and a colour nothing', () => {
    const unitsOf = (id: string) => assortment.get(id)?.map(({ price }) => price.units);
    expect(unitsOf('hp-fern')).toEqual([349, 389]);
    expect(unitsOf('hp-aria')).toEqual([189, 189, 189]);
  });
});
