import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { failing, type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
afterEach(() => shop.app.close());

const path = '/api/products/hp-aria';

describe('a product service that answers', () => {
  it.each([
    [status.NOT_FOUND, 404, 'there is no product "hp-aria"', undefined],
    [status.INVALID_ARGUMENT, 400, 'no', undefined],
    [status.RESOURCE_EXHAUSTED, 429, 'slowly', '1'],
    [status.UNAVAILABLE, 503, 'product-detail cannot be reached: nobody there', '1'],
    [status.CANCELLED, 503, 'product-detail did not finish its answer: it left', '1'],
    [status.DEADLINE_EXCEEDED, 504, 'product-detail did not answer in time: 2 s', undefined],
    [status.UNIMPLEMENTED, 501, 'an older one', undefined],
    [status.INTERNAL, 500, 'a bug', undefined],
  ])('%i is told as %i', async (code, http, message, retryAfter) => {
    const details = message.split(': ').at(-1) ?? '';
    shop = await shopApp({ getProduct: failing(code, details) });
    const answer = await shop.get(path);
    expect(answer.status).toBe(http);
    expect(answer.body).toEqual({ error: { code: status[code], message } });
    expect(answer.headers['retry-after']).toBe(retryAfter);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('by a fault of ours tells nothing of it', async () => {
    shop = await shopApp({
      getProduct: async () => {
        throw new TypeError('secret is not a function');
      },
    });
    const answer = await shop.get(path);
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret');
    expect(answer.body).toMatchObject({ error: { code: 'INTERNAL' } });
  });
});

describe('what no service need be asked for', () => {
  it.each([
    [
      'an id with a capital',
      '/api/products/HP',
      400,
      'INVALID_ARGUMENT',
      'product id "HP" is not usable; use 1 to 64',
    ],
    [
      'an id too long for any router',
      `/api/products/${'a'.repeat(500)}`,
      400,
      'INVALID_ARGUMENT',
      'use 1 to 64 of a-z',
    ],
    ['an id that cannot be decoded', '/api/products/%zz', 400, 'INVALID_ARGUMENT', '%zz'],
    ['a page size that is none', '/api/products?pageSize=all', 400, 'INVALID_ARGUMENT', 'pageSize "all"'],
    ['a page size too large', '/api/products?pageSize=101', 400, 'INVALID_ARGUMENT', 'use 1 to 100'],
    ['two page sizes', '/api/products?pageSize=1&pageSize=2', 400, 'INVALID_ARGUMENT', '["1","2"]'],
    ['a path that is none', '/api/orders', 404, 'NOT_FOUND', '/api/orders'],
    ['a file outside of the page', '/../package.json', 404, 'NOT_FOUND', 'package.json'],
  ])('%s', async (_, url, http, code, message) => {
    shop = await shopApp();
    expect(await shop.get(url)).toMatchObject({
      status: http,
      body: { error: { code, message: expect.stringContaining(message) } },
    });
  });
});
