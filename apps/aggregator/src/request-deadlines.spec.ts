import { status } from '@grpc/grpc-js';
import { callContext } from '@rollcall/discovery/grpc';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { failing, hanging, services, type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
afterEach(async () => {
  vi.useRealTimers();
  await shop.app.close();
});

const path = '/api/products/hp-aria';

describe('the deadline of a request', () => {
  it.each([
    ['is two seconds away by default', {}, 2_000],
    ['is as early as the caller requests', { 'x-request-timeout-ms': '300' }, 300],
    ['is never later than configured', { 'x-request-timeout-ms': '999999' }, 2_000],
  ])('%s, for all of its calls', async (_, headers, expectedMs) => {
    const now = 1_790_000_000_000;
    const deadlines: (number | undefined)[] = [];
    const recording =
      <Request, Options, Response>(method: (request: Request, options?: Options) => Promise<Response>) =>
      (request: Request, options?: Options): Promise<Response> => {
        deadlines.push(callContext()?.deadline);
        return method(request, options);
      };
    shop = await shopApp({
      getProduct: recording(services.getProduct),
      getInventory: recording(services.getInventory),
      listReviews: recording(services.listReviews),
      getRatingSummary: recording(services.getRatingSummary),
    });
    vi.useFakeTimers({ toFake: ['Date'], now });
    expect((await shop.get(path, headers)).status).toBe(200);
    expect(deadlines).toEqual(Array.from({ length: 4 }, () => now + expectedMs));
  });

  it.each(['soon', '', '0', '-5', '1.5', '1e3', '0x10', 'Infinity'])(
    'of %j is rejected with its value',
    async (requested) => {
      shop = await shopApp();
      expect(await shop.get(path, { 'x-request-timeout-ms': requested })).toMatchObject({
        status: 400,
        body: {
          error: {
            code: 'INVALID_ARGUMENT',
            message: expect.stringContaining(`invalid x-request-timeout-ms ${JSON.stringify(requested)}`),
          },
        },
      });
    },
  );
});

describe('pending calls', () => {
  it('are cancelled when the caller disconnects', async () => {
    const signals: AbortSignal[] = [];
    const hang = hanging((signal) => signals.push(signal));
    shop = await shopApp({ getProduct: hang, getInventory: hang, listReviews: hang, getRatingSummary: hang });
    const url = await shop.listen();
    const caller = new AbortController();
    const request = fetch(`${url}${path}`, { signal: caller.signal });
    await vi.waitFor(() => expect(signals).toHaveLength(4));
    expect(signals.some(({ aborted }) => aborted)).toBe(false);
    caller.abort();
    await expect(request).rejects.toThrow('aborted');
    await vi.waitFor(() => expect(signals.every(({ aborted }) => aborted)).toBe(true));
  });

  it('are cancelled when the response is sent without them', async () => {
    let signal: AbortSignal | undefined;
    shop = await shopApp({
      getProduct: failing(status.NOT_FOUND, 'product "hp-aria" not found'),
      getInventory: hanging((given) => {
        signal = given;
      }),
    });
    const response = await fetch(`${await shop.listen()}${path}`);
    expect(response.status).toBe(404);
    await vi.waitFor(() => expect(signal?.aborted).toBe(true));
  });
});
