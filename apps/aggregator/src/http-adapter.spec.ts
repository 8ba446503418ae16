import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { services, type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
let socket: Socket;
afterEach(async () => {
  socket.destroy();
  await shop.app.close();
});

async function connectToShop(): Promise<Socket> {
  const { hostname, port } = new URL(await shop.listen());
  socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
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
