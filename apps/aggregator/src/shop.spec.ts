import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { RecordingLogger } from './fixtures/recording-logger.js';
import { failing, product, respondingAs, services, type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
afterEach(() => shop.app.close());

const path = '/api/products/hp-aria';

describe('a product page', () => {
  it('has all sections, each with the instance that served it', async () => {
    shop = await shopApp();
    const { status: code, headers, body } = await shop.get(path);
    expect(code).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    const tookMs = expect.any(Number);
    const { id, ...details } = product;
    expect(body).toEqual({
      id,
      degraded: false,
      product: { servedBy: 'p-1', tookMs, ...details },
      inventory: { servedBy: 'i-1', tookMs, variants: [expect.objectContaining({ stock: 7 })] },
      reviews: {
        servedBy: 'r-1',
        tookMs,
        summary: { servedBy: 'r-2', tookMs, count: 1, mean: 5, histogram: [0, 0, 0, 0, 1] },
        items: [expect.objectContaining({ author: 'Ines' })],
      },
    });
  });

  it('calls all services concurrently', async () => {
    let calls = 0;
    let release = () => {};
    const allCalled = new Promise<void>((resolve) => {
      release = resolve;
    });
    const blocking =
      <Request, Options, Response>(method: (request: Request, options?: Options) => Promise<Response>) =>
      async (request: Request, options?: Options): Promise<Response> => {
        if (++calls === 4) release();
        await allCalled;
        return method(request, options);
      };
    shop = await shopApp({
      getProduct: blocking(services.getProduct),
      getInventory: blocking(services.getInventory),
      listReviews: blocking(services.listReviews),
      getRatingSummary: blocking(services.getRatingSummary),
    });
    expect(await shop.get(path)).toMatchObject({ status: 200, body: { degraded: false } });
  });

  it('is degraded while inventory and reviews are unavailable', async () => {
    const logger = new RecordingLogger();
    shop = await shopApp(
      {
        getInventory: failing(status.UNAVAILABLE, 'no instance'),
        getRatingSummary: failing(status.DEADLINE_EXCEEDED, 'too slow'),
      },
      { logger },
    );
    expect(await shop.get(path, { 'x-request-id': 'r-1' })).toMatchObject({
      status: 200,
      body: {
        degraded: true,
        product: { title: 'Aria' },
        inventory: {
          unavailable: { code: 'UNAVAILABLE', message: 'inventory is unavailable' },
        },
        reviews: {
          unavailable: { code: 'DEADLINE_EXCEEDED', message: 'review did not respond in time' },
        },
      },
    });
    const degraded = { level: 'warn', requestId: 'r-1' };
    expect(logger.lines.filter(({ requestId }) => requestId)).toMatchObject([
      { ...degraded, upstream: 'inventory', code: 'UNAVAILABLE', details: 'no instance' },
      { ...degraded, upstream: 'review', code: 'DEADLINE_EXCEEDED', details: 'too slow' },
      { level: 'log', requestId: 'r-1', path, status: 200 },
    ]);
  });

  it('is degraded for a product that inventory does not know', async () => {
    shop = await shopApp({ getInventory: failing(status.NOT_FOUND, 'not found') });
    expect(await shop.get(path)).toMatchObject({
      status: 200,
      body: {
        degraded: true,
        inventory: { unavailable: { code: 'NOT_FOUND', message: 'inventory has no such entry' } },
      },
    });
  });
});

describe('the list of products', () => {
  it('passes on page size, token and response', async () => {
    const requests: unknown[] = [];
    shop = await shopApp({
      listProducts: (request, options) => {
        requests.push(request);
        return services.listProducts(request, options);
      },
    });
    expect(await shop.get('/api/products?pageSize=5&pageToken=abc')).toMatchObject({
      status: 200,
      body: { products: [product], nextPageToken: 'more', servedBy: 'p-1', tookMs: expect.any(Number) },
    });
    await shop.get('/api/products');
    expect(requests).toEqual([
      { pageSize: 5, pageToken: 'abc' },
      { pageSize: 0, pageToken: '' },
    ]);
  });

  it('is empty without products', async () => {
    shop = await shopApp({ listProducts: respondingAs('p-2', { products: [], nextPageToken: '' }) });
    expect((await shop.get('/api/products')).body).toMatchObject({ products: [], nextPageToken: '' });
  });
});
