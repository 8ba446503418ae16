import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FaultProxy } from './fault-proxy.js';

let server: Server;
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultProxy.start({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  await new Promise((resolve) => server.close(resolve));
});

/** A connection, the text received over it, and why it ended. */
async function open() {
  const socket = connect(proxy.port, proxy.host);
  clients.push(socket);
  const seen = { socket, text: '', ended: undefined as string | undefined };
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => (seen.text += text));
  socket.on('error', ({ code }: NodeJS.ErrnoException) => (seen.ended = code));
  socket.on('close', () => (seen.ended ??= 'closed'));
  await once(socket, 'connect');
  return seen;
}

describe('a fault proxy', () => {
  it('forwards data and the end of both sides', async () => {
    const client = await open();
    client.socket.end('hello');
    await vi.waitFor(() => expect(client).toMatchObject({ text: 'hello', ended: 'closed' }));
    expect(proxy).toMatchObject({ connections: 0, accepted: 1 });
  });

  it('a slow reader: forwards more than the buffer', async () => {
    const client = await open();
    client.socket.pause();
    client.socket.write('x'.repeat(8_000_000));
    client.socket.resume();
    await vi.waitFor(() => expect(client.text).toHaveLength(8_000_000), 5_000);
  });

  it('cut: closes connections and refuses new ones until restored', async () => {
    const client = await open();
    await proxy.cut();
    await vi.waitFor(() => expect(client.ended).toBeDefined());
    await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.restore();
    const next = await open();
    next.socket.write('again');
    await vi.waitFor(() => expect(next.text).toBe('again'));
  });

  it('black hole: accepts connections and forwards nothing; restored: forwards everything', async () => {
    const before = await open();
    before.socket.write('1');
    await vi.waitFor(() => expect(before.text).toBe('1'));
    proxy.blackHole();
    before.socket.write('2');
    const during = await open();
    during.socket.write('3');
    await vi.waitFor(() => expect(proxy.connections).toBe(2));
    // A direct round trip has completed, so these had the time.
    const direct = connect((server.address() as AddressInfo).port, '127.0.0.1');
    direct.write('direct');
    await once(direct, 'data');
    direct.destroy();
    expect([before.text, during.text]).toEqual(['1', '']);
    await proxy.restore();
    await vi.waitFor(() => expect([before.text, during.text]).toEqual(['12', '3']));
  });

  it('dropped connections: nothing is forwarded and nothing ends; a new one works', async () => {
    const before = await open();
    before.socket.write('1');
    await vi.waitFor(() => expect(before.text).toBe('1'));
    proxy.dropConnections();
    before.socket.write('2');
    const next = await open();
    next.socket.write('3');
    await vi.waitFor(() => expect(next.text).toBe('3'));
    await proxy.restore();
    next.socket.write('4');
    await vi.waitFor(() => expect(next.text).toBe('34'));
    expect(before).toMatchObject({ text: '1', ended: undefined });
  });

  it('delay: data arrives later and in order', async () => {
    const client = await open();
    proxy.delay(30);
    const startedAt = performance.now();
    client.socket.write('a');
    client.socket.write('b');
    await vi.waitFor(() => expect(client.text).toBe('ab'), { interval: 1 });
    expect(performance.now() - startedAt).toBeGreaterThan(55);
    await proxy.restore();
  });

  it('delayed responses: they alone arrive later, in order', async () => {
    const client = await open();
    proxy.delayResponses(50, 100);
    const startedAt = performance.now();
    client.socket.write('a');
    await vi.waitFor(() => expect(client.text).toBe('a'), { interval: 1 });
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(45);
    client.socket.write('b');
    client.socket.write('c');
    await vi.waitFor(() => expect(client.text).toBe('abc'), { interval: 1 });
    await proxy.restore();
  });

  it('throttled responses: byte by byte; restored: the rest arrives at once', async () => {
    const client = await open();
    proxy.throttleResponses(50);
    const startedAt = performance.now();
    client.socket.write('x'.repeat(1_000));
    await vi.waitFor(() => expect(client.text.length).toBeGreaterThanOrEqual(5), { interval: 1 });
    expect(performance.now() - startedAt).toBeGreaterThan(75);
    expect(client.text.length).toBeLessThan(20);
    await proxy.restore();
    await vi.waitFor(() => expect(client.text).toHaveLength(1_000));
  });

  it('every second connection refused: the others last a while; restored: all work', async () => {
    const before = await open();
    proxy.refuseEverySecond(100);
    await vi.waitFor(() => expect(before.ended).toBeDefined());
    const attempts = [];
    for (let i = 0; i < 4; i++) attempts.push(await open().catch(() => undefined));
    const opened = attempts.filter((attempt) => attempt !== undefined);
    for (const { socket } of opened) socket.write('x');
    await vi.waitFor(() => expect(opened.filter(({ text }) => text === 'x')).toHaveLength(2));
    await vi.waitFor(() => expect(opened.filter(({ ended }) => ended === undefined)).toHaveLength(0));
    await proxy.restore();
    for (let i = 0; i < 4; i++) {
      const client = await open();
      client.socket.end('over');
      await vi.waitFor(() => expect(client).toMatchObject({ text: 'over', ended: 'closed' }));
    }
  });

  it('reset: every connection is reset, the next one works', async () => {
    const client = await open();
    client.socket.write('a');
    await vi.waitFor(() => expect(client.text).toBe('a'));
    proxy.reset();
    await vi.waitFor(() => expect(client.ended).toBeDefined());
    expect(proxy.connections).toBe(0);
    const next = await open();
    next.socket.write('b');
    await vi.waitFor(() => expect(next.text).toBe('b'));
  });

  it('resetEvery: connections are reset until restored', async () => {
    proxy.resetEvery(5);
    for (let i = 0; i < 3; i++) {
      const client = await open();
      await vi.waitFor(() => expect(client.ended).toBeDefined());
    }
    await proxy.restore();
    const client = await open();
    client.socket.end('over');
    await vi.waitFor(() => expect(client).toMatchObject({ text: 'over', ended: 'closed' }));
  });

  it('onResponse: gets the data of the server, and can reset the connection', async () => {
    proxy.onResponse((chunk, reset) => {
      if (chunk.includes('last')) reset();
    });
    const client = await open();
    client.socket.write('first');
    await vi.waitFor(() => expect(client.text).toBe('first'));
    client.socket.write('last');
    await vi.waitFor(() => expect(client.ended).toBeDefined());
  });

  it('forwardTo: new connections go to the new target', async () => {
    const other = createServer((socket) => socket.end('other')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    proxy.forwardTo({ host: '127.0.0.1', port: (other.address() as AddressInfo).port });
    const client = await open();
    await vi.waitFor(() => expect(client.text).toBe('other'));
    client.socket.destroy();
    await new Promise((resolve) => other.close(resolve));
  });

  it('server is down: the client is reset', async () => {
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const client = await open();
    await vi.waitFor(() => expect(client.ended).toBeDefined());
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  });

  it('invalid delay or interval: rejected, echoed', () => {
    expect(() => proxy.delay(-1)).toThrow('invalid delay -1: ');
    expect(() => proxy.resetEvery(0)).toThrow('invalid reset interval 0: ');
    expect(() => proxy.delayResponses(2, 1)).toThrow('invalid maximum delay 1: ');
    expect(() => proxy.throttleResponses(0)).toThrow('invalid bytes per second 0: ');
    expect(() => proxy.refuseEverySecond(0)).toThrow('invalid connection life 0: ');
  });
});
