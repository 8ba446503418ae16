import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { answering, failing, product, services, type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
afterEach(() => shop.app.close());

const path = '/api/products/hp-aria';

describe('a product page', () => {
  it('has all parts, and says who served each', async () => {
    shop = await shopApp();
    const { status: code, headers, body } = await shop.get(path);
    expect(code).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    const tookMs = expect.any(Number);
    const { id, ...words } = product;
    expect(body).toEqual({
      id,
      degraded: false,
      product: { servedBy: 'p-1', tookMs, ...words },
      inventory: { servedBy: 'i-1', tookMs, variants: [expect.objectContaining({ stock: 7 })] },
      reviews: {
        servedBy: 'r-1',
        tookMs,
        summary: { servedBy: 'r-2', tookMs, count: 1, mean: 5, histogram: [0, 0, 0, 0, 1] },
        items: [expect.objectContaining({ author: 'Ines' })],
      },
    });
  });

  it('asks all services before any has answered', async () => {
    let asked = 0;
    let answer = () => {};
    const allAsked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const held =
      <Request, Options, Response>(method: (request: Request, options?: Options) => Promise<Response>) =>
      async (request: Request, options?: Options): Promise<Response> => {
        if (++asked === 4) answer();
        await allAsked;
        return method(request, options);
      };
    shop = await shopApp({
      getProduct: held(services.getProduct),
      getInventory: held(services.getInventory),
      listReviews: held(services.listReviews),
      getRatingSummary: held(services.getRatingSummary),
    });
    expect(await shop.get(path)).toMatchObject({ status: 200, body: { degraded: false } });
  });

  it('does without inventory and reviews while they cannot be had', async () => {
    shop = await shopApp({
      getInventory: failing(status.UNAVAILABLE, 'nobody there'),
      getRatingSummary: failing(status.DEADLINE_EXCEEDED, 'too slow'),
    });
    expect(await shop.get(path)).toMatchObject({
      status: 200,
      body: {
        degraded: true,
        product: { title: 'Aria' },
        inventory: {
          unavailable: { code: 'UNAVAILABLE', message: 'inventory cannot be reached: nobody there' },
        },
        reviews: {
          unavailable: { code: 'DEADLINE_EXCEEDED', message: 'review did not answer in time: too slow' },
        },
      },
    });
  });

  it('of a product that inventory does not carry is a page without that part', async () => {
    shop = await shopApp({ getInventory: failing(status.NOT_FOUND, 'not carried') });
    expect(await shop.get(path)).toMatchObject({
      status: 200,
      body: { degraded: true, inventory: { unavailable: { code: 'NOT_FOUND', message: 'not carried' } } },
    });
  });
});

describe('the list of products', () => {
  it('passes page size and token on, and what comes back', async () => {
    const asked: unknown[] = [];
    shop = await shopApp({
      listProducts: (request, options) => {
        asked.push(request);
        return services.listProducts(request, options);
      },
    });
    expect(await shop.get('/api/products?pageSize=5&pageToken=abc')).toMatchObject({
      status: 200,
      body: { products: [product], nextPageToken: 'more', servedBy: 'p-1', tookMs: expect.any(Number) },
    });
    await shop.get('/api/products');
    expect(asked).toEqual([
      { pageSize: 5, pageToken: 'abc' },
      { pageSize: 0, pageToken: '' },
    ]);
  });

  it('is empty when there is nothing', async () => {
    shop = await shopApp({ listProducts: answering('p-2', { products: [], nextPageToken: '' }) });
    expect((await shop.get('/api/products')).body).toMatchObject({ products: [], nextPageToken: '' });
  });
});
