import { productIdPattern } from '@rollcall/contracts';
import { describe, expect, it } from 'vitest';
import { products } from './products.js';

describe('data/products.json', () => {
  it('has 24 products in 4 categories', () => {
    expect(products).toHaveLength(24);
    expect(new Set(products.map(({ category }) => category))).toEqual(
      new Set(['headphones', 'keyboards', 'lamps', 'speakers']),
    );
  });

  it('has unique, valid ids in order', () => {
    const ids = products.map(({ id }) => id);
    for (const id of ids) expect(id).toMatch(productIdPattern);
    expect(ids).toEqual([...new Set(ids)].toSorted());
  });

  it('has a title, brand, description and picture for every product', () => {
    for (const { title, brand, description, imageName } of products) {
      expect(title).not.toBe('');
      expect(brand).not.toBe('');
      expect(description.length).toBeGreaterThan(80);
      expect(imageName).toMatch(/^[a-z0-9-]+$/);
    }
    expect(new Set(products.map(({ title }) => title)).size).toBe(24);
  });
});
