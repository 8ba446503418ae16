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

async function connected(): Promise<Socket> {
  const { hostname, port } = new URL(await shop.listen());
  socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

const request = (path: string) => `GET ${path} HTTP/1.1\r\nhost: shop\r\n\r\n`;

describe('a server that closes', () => {
  it('answers what is under way, and what was sent after it over the same connection', async () => {
    let answer = () => {};
    let asked = () => {};
    const underWay = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const released = new Promise<void>((resolve) => {
      answer = resolve;
    });
    shop = await shopApp({
      getProduct: async (given, options) => {
        asked();
        await released;
        return services.getProduct(given, options);
      },
    });
    const client = await connected();
    let heard = '';
    client.on('data', (chunk) => {
      heard += String(chunk);
    });
    client.write(request('/api/products/hp-aria'));
    await underWay;
    const ended = once(client, 'close');
    const closed = shop.app.close();
    const arrived = once(shop.app.getHttpServer(), 'request');
    client.write(request('/healthz'));
    await arrived;
    answer();
    await Promise.all([closed, ended]);
    expect(heard.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(heard).toContain('"title":"Aria"');
    expect(heard).toContain('{"status":"ok"}');
  });
});
