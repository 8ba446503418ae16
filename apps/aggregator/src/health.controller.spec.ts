import { afterEach, describe, expect, it } from 'vitest';
import { type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
afterEach(() => shop.app.close());

describe('readiness', () => {
  it('is 200 if every service has an instance', async () => {
    shop = await shopApp();
    const { status, body } = await shop.get('/readyz');
    expect(status).toBe(200);
    expect(body).toEqual({
      ready: true,
      dependencies: {
        'product-detail': { instances: 3 },
        inventory: { instances: 3 },
        review: { instances: 3 },
      },
    });
  });

  it('is 503 with the service that has no instance', async () => {
    shop = await shopApp({}, { inventory: 0 });
    const { status, headers, body } = await shop.get('/readyz');
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
    expect(body).toEqual({
      ready: false,
      dependencies: {
        'product-detail': { instances: 3 },
        inventory: { instances: 0, reason: 'no instance is registered' },
        review: { instances: 3 },
      },
    });
  });
});

it('is 503 during shutdown, with instances of every service', async () => {
  shop = await shopApp();
  await shop.shutdown.run('SIGTERM');
  const { status, body } = await shop.get('/readyz');
  expect(status).toBe(503);
  expect(body).toMatchObject({
    ready: false,
    draining: true,
    dependencies: { inventory: { instances: 3 } },
  });
});

it('liveness does not depend on other services', async () => {
  shop = await shopApp({}, { inventory: 0, review: 0, 'product-detail': 0 });
  expect(await shop.get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
});
