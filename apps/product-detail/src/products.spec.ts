import { productIdShape } from '@rollcall/contracts';
import { describe, expect, it } from 'vitest';
import { products } from './products.js';

describe('the products', () => {
  it('are 24 in 4 categories, headphones among them', () => {
    expect(products).toHaveLength(24);
    expect(new Set(products.map(({ category }) => category))).toEqual(
      new Set(['headphones', 'keyboards', 'lamps', 'speakers']),
    );
  });

  it('have ids that every service takes, each of its own, in order', () => {
    const ids = products.map(({ id }) => id);
    for (const id of ids) expect(id).toMatch(productIdShape);
    expect(ids).toEqual([...new Set(ids)].toSorted());
  });

  it('say all that a page shows: title, brand, a description of more than a line, a picture', () => {
    for (const { title, brand, description, imageName } of products) {
      expect(title).not.toBe('');
      expect(brand).not.toBe('');
      expect(description.length).toBeGreaterThan(80);
      expect(imageName).toMatch(/^[a-z0-9-]+$/);
    }
    expect(new Set(products.map(({ title }) => title)).size).toBe(24);
  });
});
