import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const apps = new URL('../../../apps/', import.meta.url);

interface Product {
  readonly id: string;
  readonly imageName: string;
}
interface Variant {
  readonly sku: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly priceCents: number;
  readonly maxStock: number;
}
interface Review {
  readonly author: string;
  readonly rating: number;
  readonly title: string;
  readonly body: string;
  readonly writtenAt: string;
}

const products = read<Product[]>('product-detail/data/products.json');
const catalog = read<Record<string, Variant[]>>('inventory/data/catalog.json');
const reviews = read<Record<string, Review[]>>('review/data/reviews.json');
const ids = products.map(({ id }) => id);

function read<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, apps), 'utf8')) as T;
}

/** The names and types of an object's properties: `{"id":"string"}`. */
function shapeOf(record: object): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, typeof value])),
  );
}

const shapesOf = (records: readonly object[]) =>
  [...new Set(records.map(shapeOf))].map((shape) => JSON.parse(shape) as unknown);

describe('the data files of the services', () => {
  it('have variants and reviews for exactly the products of product-detail', () => {
    expect(Object.keys(catalog)).toEqual(ids);
    expect(Object.keys(reviews)).toEqual(ids);
  });

  it('have the same fields in every record', () => {
    const string = 'string';
    expect(shapesOf(products)).toEqual([
      { id: string, title: string, brand: string, category: string, description: string, imageName: string },
    ]);
    expect(shapesOf(Object.values(catalog).flat())).toEqual([
      { sku: string, attributes: 'object', priceCents: 'number', maxStock: 'number' },
    ]);
    expect(shapesOf(Object.values(reviews).flat())).toEqual([
      { author: string, rating: 'number', title: string, body: string, writtenAt: string },
    ]);
  });

  it('have whole cents and a stock of at least one piece', () => {
    for (const { priceCents, maxStock, attributes } of Object.values(catalog).flat()) {
      expect(Number.isInteger(priceCents) && priceCents > 0).toBe(true);
      expect(Number.isInteger(maxStock) && maxStock > 0).toBe(true);
      expect(Object.values(attributes).every((value) => typeof value === 'string')).toBe(true);
    }
  });
});

describe('the pictures of the page', () => {
  const directory = new URL('aggregator/public/pictures/', apps);

  it('are one SVG file per product', () => {
    const names = products.map(({ imageName }) => `${imageName}.svg`);
    expect(readdirSync(directory).toSorted()).toEqual(names.toSorted());
  });

  it.each(ids)('%s can be referenced by the page and recoloured, without styles or scripts', (id) => {
    const { imageName } = products.find((product) => product.id === id)!;
    const svg = readFileSync(new URL(`${imageName}.svg`, directory), 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 320 320">/);
    expect(svg).toMatch(/<g id="picture" color="var\(--material, #[0-9a-f]{6}\)"/);
    expect(svg).not.toMatch(/<style|<script|\sstyle=|\sclass=|\son\w+=|href=/);
  });
});
