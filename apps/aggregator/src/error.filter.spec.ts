import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { failing, type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
afterEach(() => shop.app.close());

const path = '/api/products/hp-aria';

describe('an error of the product service', () => {
  it.each([
    [status.NOT_FOUND, 404, 'product "hp-aria" not found', undefined],
    [status.INVALID_ARGUMENT, 400, 'no', undefined],
    [status.RESOURCE_EXHAUSTED, 429, 'too many requests', '1'],
    [status.UNAVAILABLE, 503, 'product-detail is unavailable: no instance', '1'],
    [status.CANCELLED, 503, 'product-detail aborted its response: shutdown', '1'],
    [status.DEADLINE_EXCEEDED, 504, 'product-detail did not respond in time: 2 s', undefined],
    [status.UNIMPLEMENTED, 501, 'unknown method', undefined],
    [status.PERMISSION_DENIED, 500, 'token of the aggregator rejected', undefined],
    [status.INTERNAL, 500, 'a bug', undefined],
  ])('code %i is HTTP %i', async (code, http, message, retryAfter) => {
    const details = message.split(': ').at(-1) ?? '';
    shop = await shopApp({ getProduct: failing(code, details) });
    const response = await shop.get(path);
    expect(response.status).toBe(http);
    expect(response.body).toEqual({ error: { code: status[code], message } });
    expect(response.headers['retry-after']).toBe(retryAfter);
    expect(response.headers['cache-control']).toBe('no-store');
  });

  it('is a generic message if the error is unexpected', async () => {
    shop = await shopApp({
      getProduct: async () => {
        throw new TypeError('secret is not a function');
      },
    });
    const response = await shop.get(path);
    expect(response.status).toBe(500);
    expect(response.text).not.toContain('secret');
    expect(response.body).toMatchObject({ error: { code: 'INTERNAL' } });
  });
});

describe('a request that is rejected without a call', () => {
  it.each([
    [
      'an id with a capital',
      '/api/products/HP',
      400,
      'INVALID_ARGUMENT',
      'invalid product id "HP": use 1 to 64',
    ],
    [
      'an id of 500 characters',
      `/api/products/${'a'.repeat(500)}`,
      400,
      'INVALID_ARGUMENT',
      'use 1 to 64 of a-z',
    ],
    ['an id that cannot be decoded', '/api/products/%zz', 400, 'INVALID_ARGUMENT', '%zz'],
    [
      'a page size that is not a number',
      '/api/products?pageSize=all',
      400,
      'INVALID_ARGUMENT',
      'pageSize "all"',
    ],
    ['a page size too large', '/api/products?pageSize=101', 400, 'INVALID_ARGUMENT', 'use 1 to 100'],
    ['two page sizes', '/api/products?pageSize=1&pageSize=2', 400, 'INVALID_ARGUMENT', '["1","2"]'],
    ['an unknown path', '/api/orders', 404, 'NOT_FOUND', '/api/orders'],
    ['a file outside of public/', '/../package.json', 404, 'NOT_FOUND', 'package.json'],
  ])('%s', async (_, url, http, code, message) => {
    shop = await shopApp();
    expect(await shop.get(url)).toMatchObject({
      status: http,
      body: { error: { code, message: expect.stringContaining(message) } },
    });
  });
});
