import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { Test } from '@nestjs/testing';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { inventoryContract, productContract, reviewContract } from '@rollcall/contracts';
import { type CallOptions, DiscoveryModule, grpcClientToken, REGISTRY } from '@rollcall/nest-discovery';
import { instanceIdKey } from '@rollcall/service-kit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AggregatorModule } from './aggregator.module.js';

type Method = (request: object, options: CallOptions) => Promise<object>;

const product = {
  id: 'hp-aria',
  title: 'Aria',
  brand: 'Northwind',
  category: 'headphones',
  description: '',
  imageName: '',
};

/** A method that answers as the instance `by`. */
function answering(by: string, answer: object): Method {
  return async (_, { onHeaders }) => {
    const headers = new Metadata();
    headers.set(instanceIdKey, by);
    onHeaders?.(headers);
    return answer;
  };
}

function failing(code: status, details: string): Method {
  return async () => {
    throw Object.assign(new Error(details), {
      code,
      details,
      metadata: new Metadata(),
    }) satisfies ServiceError;
  };
}

const methods = () => ({
  getProduct: answering('p-1', { product }),
  listProducts: answering('p-1', { products: [product], nextPageToken: 'more' }),
  getInventory: answering('i-1', { inventory: { productId: 'hp-aria', variants: [] } }),
  listReviews: answering('r-1', { reviews: [], nextPageToken: '' }),
  getRatingSummary: answering('r-2', { summary: { count: 0, mean: 0, histogram: [0, 0, 0, 0, 0] } }),
});

let app: NestFastifyApplication;
afterEach(() => app.close());

async function shop(
  change: Partial<Record<keyof ReturnType<typeof methods>, Method>> = {},
  instances: Record<string, number> = {},
) {
  const client = { ...methods(), ...change, close: () => {} };
  const registry = {
    scheme: 'file',
    watch: (service: string) => ({
      service,
      current: { instances: Array.from({ length: instances[service] ?? 3 }), source: 'live' },
      close: () => {},
    }),
    close: async () => {},
  };
  const module = await Test.createTestingModule({ imports: [DiscoveryModule.forRoot({}), AggregatorModule] })
    .overrideProvider(REGISTRY)
    .useValue(registry)
    .overrideProvider(grpcClientToken(productContract))
    .useValue(client)
    .overrideProvider(grpcClientToken(inventoryContract))
    .useValue(client)
    .overrideProvider(grpcClientToken(reviewContract))
    .useValue(client)
    .compile();
  app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  await app.init();
  return async (url: string, headers: Record<string, string> = {}) => {
    const response = await app.inject({ method: 'GET', url, headers });
    return { status: response.statusCode, headers: response.headers, body: response.json() };
  };
}

describe('a product page', () => {
  it('has all parts, and says who served each', async () => {
    const get = await shop();
    const { status: code, body } = await get('/api/products/hp-aria');
    expect(code).toBe(200);
    expect(body).toMatchObject({
      id: 'hp-aria',
      degraded: false,
      product: { servedBy: 'p-1', title: 'Aria', tookMs: expect.any(Number) },
      inventory: { servedBy: 'i-1', variants: [] },
      reviews: { servedBy: 'r-1', items: [], summary: { servedBy: 'r-2', count: 0 } },
    });
  });

  it('asks all services before any has answered', async () => {
    let asked = 0;
    let release = () => {};
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow =
      (method: Method): Method =>
      async (request, options) => {
        if (++asked === 4) release();
        await all;
        return method(request, options);
      };
    const ready = methods();
    const get = await shop({
      getProduct: slow(ready.getProduct),
      getInventory: slow(ready.getInventory),
      listReviews: slow(ready.listReviews),
      getRatingSummary: slow(ready.getRatingSummary),
    });
    expect((await get('/api/products/hp-aria')).body.degraded).toBe(false);
  });

  it('is degraded while inventory and reviews cannot be had', async () => {
    const get = await shop({
      getInventory: failing(status.UNAVAILABLE, 'nobody there'),
      getRatingSummary: failing(status.DEADLINE_EXCEEDED, 'too slow'),
    });
    const { status: code, body } = await get('/api/products/hp-aria');
    expect(code).toBe(200);
    expect(body).toMatchObject({
      degraded: true,
      product: { title: 'Aria' },
      inventory: { unavailable: { code: 'UNAVAILABLE', message: 'nobody there' } },
      reviews: { unavailable: { code: 'DEADLINE_EXCEEDED', message: 'too slow' } },
    });
  });

  it('gives every call the deadline of its request, and the shorter one that the request asks for', async () => {
    const deadlines: number[] = [];
    const noting: Method = (request, options) => {
      deadlines.push(options.deadline! - Date.now());
      return methods().getProduct(request, options);
    };
    const get = await shop({ getProduct: noting });
    await get('/api/products/hp-aria');
    await get('/api/products/hp-aria', { 'x-request-timeout-ms': '300' });
    await get('/api/products/hp-aria', { 'x-request-timeout-ms': '999999' });
    expect(deadlines[0]).toBeGreaterThan(1_000);
    expect(deadlines[1]).toBeLessThanOrEqual(300);
    expect(deadlines[2]).toBeLessThanOrEqual(2_000);
  });

  it('cancels its calls when the caller hangs up', async () => {
    let signal: AbortSignal | undefined;
    const hanging: Method = (_, options) => {
      signal = options.signal;
      return new Promise((_resolve, reject) =>
        options.signal!.addEventListener('abort', () => reject(options.signal!.reason)),
      );
    };
    await shop({ getProduct: hanging });
    await app.listen(0, '127.0.0.1');
    const caller = new AbortController();
    const { port } = app.getHttpServer().address() as { port: number };
    const request = fetch(`http://127.0.0.1:${port}/api/products/hp-aria`, { signal: caller.signal });
    await vi.waitFor(() => expect(signal).toBeDefined());
    caller.abort();
    await expect(request).rejects.toThrow('aborted');
    await vi.waitFor(() => expect(signal!.aborted).toBe(true));
  });
});

describe('an error', () => {
  it.each<[string, string, Method | undefined, number, string]>([
    [
      'an unknown product',
      '/api/products/nope',
      failing(status.NOT_FOUND, 'there is no product "nope"'),
      404,
      'NOT_FOUND',
    ],
    ['a malformed id', '/api/products/N%21', undefined, 400, 'INVALID_ARGUMENT'],
    [
      'a product service that is down',
      '/api/products/hp-aria',
      failing(status.UNAVAILABLE, 'down'),
      503,
      'UNAVAILABLE',
    ],
    [
      'a product service that is slow',
      '/api/products/hp-aria',
      failing(status.DEADLINE_EXCEEDED, 'slow'),
      504,
      'DEADLINE_EXCEEDED',
    ],
    ['a page size that is none', '/api/products?pageSize=all', undefined, 400, 'INVALID_ARGUMENT'],
    ['a path that is none', '/api/orders', undefined, 404, 'NOT_FOUND'],
  ])('for %s says so', async (_, url, getProduct, http, code) => {
    const get = await shop(getProduct ? { getProduct } : {});
    const answer = await get(url);
    expect(answer).toMatchObject({ status: http, body: { error: { code, message: expect.any(String) } } });
    expect(answer.headers['retry-after']).toBe(http === 503 ? '1' : undefined);
  });

  it('echoes a timeout that is none', async () => {
    const get = await shop();
    const { status: code, body } = await get('/api/products/hp-aria', { 'x-request-timeout-ms': 'soon' });
    expect(code).toBe(400);
    expect(body.error.message).toContain('"soon"');
  });
});

describe('readiness', () => {
  it('is there when every service has an instance', async () => {
    const get = await shop();
    expect(await get('/readyz')).toMatchObject({
      status: 200,
      body: { ready: true, dependencies: { inventory: { instances: 3 } } },
    });
  });

  it('names the service that has none', async () => {
    const get = await shop({}, { inventory: 0 });
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      body: {
        ready: false,
        dependencies: {
          inventory: { instances: 0, reason: 'no instance is registered' },
          review: { instances: 3 },
        },
      },
    });
  });
});

it('is alive whatever its dependencies do', async () => {
  const get = await shop({}, { inventory: 0, review: 0, 'product-detail': 0 });
  expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
});
