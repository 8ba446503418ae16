import { status } from '@grpc/grpc-js';
import { InternalServerErrorException, ServiceUnavailableException } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { RecordingLogger } from './fixtures/recording-logger.js';
import { failing, type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
afterEach(() => shop.app.close());

const path = '/api/products/hp-aria';

describe('an error of the product service', () => {
  it.each([
    [status.INVALID_ARGUMENT, 400, 'rejected the request as invalid', undefined],
    [status.RESOURCE_EXHAUSTED, 429, 'received too many requests', '1'],
    [status.UNAVAILABLE, 503, 'is unavailable', '1'],
    [status.CANCELLED, 503, 'aborted its response', '1'],
    [status.DEADLINE_EXCEEDED, 504, 'did not respond in time', undefined],
    [status.UNIMPLEMENTED, 501, 'does not implement the method', undefined],
    [status.PERMISSION_DENIED, 500, 'failed', undefined],
    [status.INTERNAL, 500, 'failed', undefined],
  ])(
    'code %i is HTTP %i with a fixed message; the details are logged with the request id',
    async (code, http, message, retryAfter) => {
      const details = 'No connection to 10.0.0.7:50051, remote_addr=10.0.0.7';
      const logger = new RecordingLogger();
      shop = await shopApp({ getProduct: failing(code, details) }, { logger });
      const response = await shop.get(path, { 'x-request-id': 'r-1' });
      expect(response.status).toBe(http);
      expect(response.body).toEqual({ error: { code: status[code], message: `product-detail ${message}` } });
      expect(response.headers['retry-after']).toBe(retryAfter);
      expect(response.headers['cache-control']).toBe('no-store');
      expect(logger.lines).toContainEqual({
        level: http >= 500 ? 'warn' : 'debug',
        requestId: 'r-1',
        message: `product-detail ${message}`,
        httpStatus: http,
        upstream: 'product-detail',
        upstreamInstance: 'p-9',
        code: status[code],
        details,
      });
    },
  );

  it('NOT_FOUND is HTTP 404 with the id of the request, not with the details of the service', async () => {
    shop = await shopApp({ getProduct: failing(status.NOT_FOUND, 'no row in table products') });
    expect(await shop.get(path)).toMatchObject({
      status: 404,
      body: { error: { code: 'NOT_FOUND', message: 'product "hp-aria" not found' } },
    });
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

it.each([
  [500, new InternalServerErrorException('secret')],
  [503, new ServiceUnavailableException('secret')],
])('an exception of Nest with status %i has a generic message', async (http, exception) => {
  shop = await shopApp({ getProduct: () => Promise.reject(exception) });
  const response = await shop.get(path);
  expect(response.status).toBe(http);
  expect(response.text).not.toContain('secret');
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
    ['a page size in hexadecimal', '/api/products?pageSize=0x10', 400, 'INVALID_ARGUMENT', 'pageSize "0x10"'],
    ['a page size with an exponent', '/api/products?pageSize=1e1', 400, 'INVALID_ARGUMENT', 'pageSize "1e1"'],
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
