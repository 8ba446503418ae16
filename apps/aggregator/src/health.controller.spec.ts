import { DiscoveryError } from '@rollcall/discovery';
import { afterEach, describe, expect, it } from 'vitest';
import { type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
afterEach(() => shop.app.close());

const ageMs = expect.any(Number);
const connected = { required: false, connected: true, registered: 3, source: 'live', ageMs };
const dependencies = {
  'product-detail': { ...connected, required: true },
  inventory: connected,
  review: connected,
};

describe('readiness', () => {
  it('is 200 if every service has a connected instance', async () => {
    shop = await shopApp();
    const { status, body } = await shop.get('/readyz');
    expect(status).toBe(200);
    expect(body).toEqual({ ready: true, dependencies });
  });

  it('is 200 without reviews and inventory: a page is shown without them', async () => {
    const absent = { ...connected, connected: false, registered: 0 };
    shop = await shopApp(
      {},
      { instances: { inventory: 0, review: 0 }, disconnected: ['inventory', 'review'] },
    );
    const { status, body } = await shop.get('/readyz');
    expect(status).toBe(200);
    expect(body).toEqual({
      ready: true,
      dependencies: { ...dependencies, inventory: absent, review: absent },
    });
  });

  it('is 503 without a connected instance of the product service, although some are registered', async () => {
    shop = await shopApp({}, { disconnected: ['product-detail'] });
    const { status, headers, body } = await shop.get('/readyz');
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
    expect(body).toMatchObject({
      ready: false,
      dependencies: { 'product-detail': { required: true, connected: false, registered: 3 } },
    });
  });

  it('is 200 while the registry is unavailable; the reason is a code, without addresses', async () => {
    const lastError = new DiscoveryError('REGISTRY_UNAVAILABLE', 'connect ECONNREFUSED 10.0.0.7:8500');
    shop = await shopApp({}, { lastError });
    const { status, text, body } = await shop.get('/readyz');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      dependencies: { review: { source: 'last-known-good', reason: 'REGISTRY_UNAVAILABLE' } },
    });
    expect(text).not.toContain('10.0.0.7');
  });

  it('is 503 during shutdown, with a connected instance of every service', async () => {
    shop = await shopApp();
    await shop.shutdown.close('SIGTERM');
    const { status, body } = await shop.get('/readyz');
    expect(status).toBe(503);
    expect(body).toEqual({ ready: false, draining: true, dependencies });
  });
});

it('liveness does not depend on other services', async () => {
  shop = await shopApp({}, { disconnected: ['inventory', 'review', 'product-detail'] });
  expect(await shop.get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
});
