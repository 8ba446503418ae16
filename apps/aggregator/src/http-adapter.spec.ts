import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { requestIds } from '@rollcall/service-kit';
import { RecordingLogger } from './fixtures/recording-logger.js';
import { services, type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
let socket: Socket | undefined;
afterEach(async () => {
  socket?.destroy();
  await shop.app.close();
});

async function connectToShop(): Promise<Socket> {
  const { hostname, port } = new URL(await shop.listen());
  socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

/** Sends `text` and returns all that the server sends until it closes the connection. */
async function exchange(text: string): Promise<{ status: number; body: unknown }> {
  const client = await connectToShop();
  let received = '';
  client.on('data', (chunk) => {
    received += String(chunk);
  });
  client.write(text);
  await once(client, 'close');
  const [head = '', body = ''] = received.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body: JSON.parse(body) };
}

const request = (path: string) => `GET ${path} HTTP/1.1\r\nhost: shop\r\n\r\n`;

describe('a closing server', () => {
  it('responds to the pending request and to a later one on the same connection', async () => {
    let release = () => {};
    let markCalled = () => {};
    const called = new Promise<void>((resolve) => {
      markCalled = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    shop = await shopApp({
      getProduct: async (given, options) => {
        markCalled();
        await released;
        return services.getProduct(given, options);
      },
    });
    const client = await connectToShop();
    let received = '';
    client.on('data', (chunk) => {
      received += String(chunk);
    });
    client.write(request('/api/products/hp-aria'));
    await called;
    const ended = once(client, 'close');
    const closed = shop.app.close();
    const arrived = once(shop.app.getHttpServer(), 'request');
    client.write(request('/healthz'));
    await arrived;
    release();
    await Promise.all([closed, ended]);
    expect(received.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(received).toContain('"title":"Aria"');
    expect(received).toContain('{"status":"ok"}');
  });
});

describe('limits', () => {
  it('a request that does not arrive in time gets 408', async () => {
    shop = await shopApp({}, { limits: { requestTimeoutMs: 200 } });
    expect(await exchange('GET /healthz HTTP/1.1\r\nhost: sh')).toMatchObject({
      status: 408,
      body: { error: { code: 'DEADLINE_EXCEEDED' } },
    });
  });

  it('a POST of one byte to an unknown path gets 404 at once, and its connection is closed', async () => {
    shop = await shopApp();
    const post = 'POST /unknown HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\n';
    expect(await exchange(`${post}content-length: 100\r\n\r\n{`)).toMatchObject({
      status: 404,
      body: { error: { code: 'NOT_FOUND' } },
    });
  });

  it('headers that are too large get 431 in the shape of all errors', async () => {
    shop = await shopApp();
    expect(await exchange(`GET / HTTP/1.1\r\nhost: shop\r\nlarge: ${'x'.repeat(20_000)}\r\n\r\n`)).toEqual({
      status: 431,
      body: { error: { code: 'INVALID_ARGUMENT', message: 'the headers are too large' } },
    });
  });

  it('bytes that are not HTTP get 400 in the shape of all errors', async () => {
    shop = await shopApp();
    expect(await exchange('hello\r\n\r\n')).toMatchObject({
      status: 400,
      body: { error: { code: 'INVALID_ARGUMENT', message: 'malformed request' } },
    });
  });

  it('a connection that is silent for too long is closed', async () => {
    shop = await shopApp({}, { limits: { connectionTimeoutMs: 200 } });
    const client = await connectToShop();
    client.resume();
    await once(client, 'close');
    expect(client.bytesWritten).toBe(0);
  });

  it('connections beyond the maximum are closed', async () => {
    shop = await shopApp({}, { limits: { maxConnections: 1 } });
    const first = await connectToShop();
    const { port } = shop.app.getHttpServer().address() as { port: number };
    const second = connect(port, '127.0.0.1')
      .on('error', () => {})
      .resume();
    await once(second, 'close');
    expect(first.readyState).toBe('open');
  });
});

describe('requests', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

  it('are logged with the ids that they came with, without their query, and respond with the request id', async () => {
    const logger = new RecordingLogger();
    shop = await shopApp({}, { logger });
    const ids = { 'x-request-id': 'r-1', traceparent };
    logger.lines.length = 0;
    const { headers } = await shop.get('/api/products?pageSize=5', ids);
    expect(headers['x-request-id']).toBe('r-1');
    const tookMs = expect.any(Number);
    expect(logger.lines).toEqual([
      {
        level: 'log',
        requestId: 'r-1',
        traceparent,
        method: 'GET',
        path: '/api/products',
        status: 200,
        tookMs,
      },
    ]);
  });

  it('without a valid request id get one, also for an unknown path', async () => {
    shop = await shopApp();
    const { headers } = await shop.get('/unknown', { 'x-request-id': 'a b' });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('make their calls with these ids', async () => {
    const seen: unknown[] = [];
    shop = await shopApp({
      listProducts: (given, options) => {
        seen.push(requestIds());
        return services.listProducts(given, options);
      },
    });
    await shop.get('/api/products', { 'x-request-id': 'r-1', traceparent });
    expect(seen).toEqual([{ requestId: 'r-1', traceparent }]);
  });
});

it.each(['/', '/api/products', '/api/products/NO', '/unknown', '/healthz', '/docs', '/docs-json', '/%zz'])(
  '%s has the security headers',
  async (path) => {
    shop = await shopApp();
    expect((await shop.get(path)).headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
  },
);
