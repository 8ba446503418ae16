import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { fetch, request as undiciRequest, type RequestInit } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { Registry } from '../registry.js';
import { MemoryRegistry } from '../testing/memory-registry.js';
import { certificateFor, hasOpenssl } from '../fixtures/certificates.js';
import { discoverHttp, type DiscoveredHttpService, type DiscoverHttpOptions } from './discover-http.js';

vi.setConfig({ testTimeout: 20_000 });

let memory: MemoryRegistry;
let registry: Registry;
const cleanups: (() => unknown)[] = [];

beforeEach(() => {
  memory = new MemoryRegistry();
  registry = new Registry(memory.open(), { lingerMs: 0 });
  cleanups.push(() => registry.close());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A real HTTP server that responds with its name, and counts requests. */
class ShopServer {
  requests = 0;
  readonly hosts: (string | undefined)[] = [];
  /** Redirects `/` there. */
  location: string | undefined;
  /** How it handles a request that it has read. */
  behavior: 'respond' | 'reset' | 'reset within the response' | 'wait' = 'respond';
  /** Responds to the waiting request. */
  respond = () => {};
  readonly #server: Server;

  constructor(readonly name: string) {
    this.#server = createServer((request, response) => {
      request.resume().once('end', () => {
        this.requests += 1;
        this.hosts.push(request.headers.host);
        if (this.location !== undefined && request.url === '/') {
          response.writeHead(302, { location: this.location });
          response.end();
          return;
        }
        if (this.behavior === 'reset') request.socket.resetAndDestroy();
        else if (this.behavior === 'wait') this.respond = () => response.end(this.name);
        else if (this.behavior === 'respond') response.end(this.name);
        else {
          response.writeHead(200, { 'content-length': 1_000 });
          response.write(this.name, () => setImmediate(() => request.socket.resetAndDestroy()));
        }
      });
    });
  }

  static async start(name: string): Promise<ShopServer> {
    const shop = new ShopServer(name);
    const port = await shop.listen();
    memory.put({ id: name, service: 'shop', host: '127.0.0.1', port });
    return shop;
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    cleanups.push(() => this.kill());
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening and resets its connections. The registry still lists it. */
  kill(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  }
}

async function discover(options?: DiscoverHttpOptions): Promise<DiscoveredHttpService> {
  const service = discoverHttp(registry, 'shop', options);
  cleanups.push(() => service.close());
  await service.ready(AbortSignal.timeout(5_000));
  return service;
}

async function get({ dispatcher }: DiscoveredHttpService, init: RequestInit = {}): Promise<string> {
  return (await fetch('http://shop/', { signal: AbortSignal.timeout(10_000), ...init, dispatcher })).text();
}

const names = ['a', 'b', 'c'] as const;
const startAll = () => Promise.all(names.map((name) => ShopServer.start(name)));

describe('pick', () => {
  it('is round robin by default', async () => {
    await startAll();
    const service = await discover();
    const ids = Array.from({ length: 300 }, () => service.pick().id);
    for (const name of names) expect(ids.filter((id) => id === name)).toHaveLength(100);
  });

  it('may be random', async () => {
    await startAll();
    const service = await discover({ loadBalancing: 'random' });
    const ids = Array.from({ length: 3_000 }, () => service.pick().id);
    for (const name of names) expect(ids.filter((id) => id === name).length).toBeGreaterThan(800);
  });

  it('may be weighted, as for gRPC', async () => {
    memory.put({ id: 'big', service: 'shop', host: '10.0.0.1', port: 80, weight: 3 });
    memory.put({ id: 'small', service: 'shop', host: '10.0.0.2', port: 80, weight: 1 });
    const service = await discover({ loadBalancing: 'weighted' });
    const ids = Array.from({ length: 400 }, () => service.pick().id);
    expect(Math.abs(ids.filter((id) => id === 'big').length - 300)).toBeLessThanOrEqual(1);
    expect(() => discoverHttp(registry, 'shop', { loadBalancing: 'best' as 'random' })).toThrow(
      /^INVALID_OPTION: invalid loadBalancing/,
    );
  });

  it('may prefer a zone, as for gRPC', async () => {
    memory.put({ id: 'near', service: 'shop', host: '10.0.0.1', port: 80, zone: 'a' });
    memory.put({ id: 'far', service: 'shop', host: '10.0.0.2', port: 80, zone: 'b' });
    const service = await discover({ loadBalancing: { policy: 'zone', zone: 'a' } });
    expect([service.pick().id, service.pick().id]).toEqual(['near', 'near']);
  });

  it('picks among the instances that match the filter', async () => {
    memory.put({ id: 'old', service: 'shop', host: '10.0.0.1', port: 80, version: '1' });
    memory.put({ id: 'new', service: 'shop', host: '10.0.0.2', port: 80, version: '2' });
    const service = await discover({ filter: { version: '2' } });
    expect([service.pick().id, service.pick().id]).toEqual(['new', 'new']);
  });

  it('throws the reason when there is none: no response of the registry yet, or no instance', async () => {
    const early = discoverHttp(registry, 'shop');
    expect(() => early.pick()).toThrow(/^NO_INSTANCE: no instance of shop is known yet: .*await ready\(\)/);
    await early.ready();
    expect(() => early.pick()).toThrow('NO_INSTANCE: memory:// has no instance of shop');
    await early.close();
  });
});

it('after close, pick and requests fail with CLOSED', async () => {
  await ShopServer.start('a');
  const service = await discover();
  await service.close();
  expect(() => service.pick()).toThrow(/^CLOSED: /);
  await expect(get(service)).rejects.toSatisfy(
    (error: Error) => ((error.cause ?? error) as DiscoveryError).code === 'CLOSED',
  );
});

it.each(['close', 'destroy'] as const)('%s of the dispatcher closes the service', async (method) => {
  await ShopServer.start('a');
  const service = await discover();
  expect(await get(service)).toBe('a');
  await service.dispatcher[method]();
  expect(() => service.pick()).toThrow(/^CLOSED: /);
  await new Promise<void>((resolve) => service.dispatcher[method](() => resolve()));
});

it('least_request counts requests in flight', async () => {
  const [a, b] = await Promise.all([ShopServer.start('a'), ShopServer.start('b')]);
  a.behavior = 'wait';
  const service = await discover({ loadBalancing: 'least_request' });
  const held = (async () => {
    while (a.requests === 0) await get(service, { signal: AbortSignal.timeout(60_000) });
  })();
  await vi.waitFor(() => expect(a.requests).toBe(1), { timeout: 10_000 });
  for (let i = 0; i < 20; i++) expect(await get(service)).toBe('b');
  expect(b.requests).toBeGreaterThanOrEqual(20);
  a.respond();
  await held;
});

describe.runIf(hasOpenssl('HTTP over TLS'))('over TLS', () => {
  async function startTls(name: string) {
    const { key, cert } = certificateFor(name);
    const seen: unknown[] = [];
    const server = createTlsServer({ key, cert }, (received, response) => {
      seen.push([received.headers.host, (received.socket as TLSSocket).servername]);
      response.end('secure');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => {
      server.close();
      server.closeAllConnections();
    });
    memory.put({
      id: name,
      service: 'shop',
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
    });
    return { cert, seen };
  }

  it('the name of the service is the host, the server name and the identity that is checked', async () => {
    const { cert, seen } = await startTls('shop');
    const { dispatcher } = await discover({ agent: { connect: { ca: cert } } });
    expect(await (await fetch('https://shop/', { dispatcher })).text()).toBe('secure');
    expect(seen).toEqual([['shop', 'shop']]);
  });

  it('a certificate for another name is rejected', async () => {
    const { cert } = await startTls('other');
    const { dispatcher } = await discover({ agent: { connect: { ca: cert } } });
    await expect(fetch('https://shop/', { dispatcher })).rejects.toMatchObject({
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });
});

describe('requests', () => {
  it('are distributed evenly over all instances, and reuse connections', async () => {
    const shops = await startAll();
    const service = await discover();
    for (let i = 0; i < 30; i++) await get(service);
    expect(shops.map(({ requests }) => requests)).toEqual([10, 10, 10]);
    expect(await Promise.all(shops.map(({ connections }) => connections))).toEqual([1, 1, 1]);
  });

  it('may come from the fetch of Node, whose undici is another version', async () => {
    await ShopServer.start('a');
    const { dispatcher } = await discover();
    const init = { dispatcher } as unknown as Parameters<typeof globalThis.fetch>[1];
    expect(await (await globalThis.fetch('http://shop/', init)).text()).toBe('a');
  });

  it('one of three instances is killed under load and stays listed: no GET fails', async () => {
    const [a] = await startAll();
    const service = await discover();
    const worker = async () => {
      for (let i = 0; i < 100; i++) expect(names).toContain(await get(service));
    };
    const workers = Promise.all(Array.from({ length: 10 }, worker));
    await vi.waitFor(() => expect(a!.requests).toBeGreaterThan(50), { timeout: 10_000, interval: 1 });
    a!.kill();
    await workers;
  });

  it('an instance resets the connection after the request: a GET is retried on another one', async () => {
    const [a] = await startAll();
    a!.behavior = 'reset';
    const service = await discover();
    for (let i = 0; i < 3; i++) expect(['b', 'c']).toContain(await get(service));
    expect(a!.requests).toBe(1);
  });

  it('each instance resets the connection after a GET: with maxRetries 1 two get it, and the caller gets the reason', async () => {
    const shops = await startAll();
    for (const shop of shops) shop.behavior = 'reset';
    await expect(get(await discover({ retry: { maxRetries: 1 } }))).rejects.toMatchObject({
      cause: { message: expect.stringContaining('may have crashed the instance') as string },
    });
    expect(shops.reduce((sum, { requests }) => sum + requests, 0)).toBe(2);
  });

  it('a GET that is aborted while it waits for its retry fails, and is not retried', async () => {
    const shops = await startAll();
    const abort = new AbortController();
    const numRequests = () => shops.reduce((sum, { requests }) => sum + requests, 0);
    for (const shop of shops) shop.behavior = 'reset';
    const { dispatcher } = await discover();
    const failure = undiciRequest('http://shop/', { dispatcher, signal: abort.signal }).catch(
      (error: unknown) => error,
    );
    await vi.waitFor(() => expect(numRequests()).toBe(1), { interval: 5 });
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new Error('enough'));
    expect(await failure).toMatchObject({ message: 'enough' });
    expect(numRequests()).toBe(1);
  });

  it('each instance resets the connection after each GET: few are retried', async () => {
    const shops = await startAll();
    for (const shop of shops) shop.behavior = 'reset';
    const service = await discover({ retry: { hedging: false } });
    const results = await Promise.allSettled(Array.from({ length: 200 }, () => get(service)));
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    // The budget spends half of its 200 tokens on retries.
    expect(shops.reduce((sum, { requests }) => sum + requests, 0)).toBeLessThanOrEqual(300);
  });

  it('are retried as the options say', async () => {
    const shops = await startAll();
    for (const shop of shops) shop.behavior = 'reset';
    await expect(get(await discover({ retry: { maxRetries: 0 } }))).rejects.toThrow('fetch failed');
    expect(shops.reduce((sum, { requests }) => sum + requests, 0)).toBe(1);
    expect(() => discoverHttp(registry, 'shop', { retry: { maxRetries: -1 } })).toThrow(/^INVALID_OPTION: /);
  });

  it('carry the name of the service in the Host header', async () => {
    const [a] = await startAll();
    const service = await discover();
    for (const headers of [{}, [['x-a', 'b']] as [string, string][], { 'x-a': 'b' }])
      await get(service, { headers });
    const { body } = await undiciRequest('http://shop/', {
      dispatcher: service.dispatcher,
      headers: ['x-a', 'b'],
    });
    await body.dump();
    for (let i = 0; i < 3; i++) await get(service);
    expect(new Set(a!.hosts)).toEqual(new Set(['shop']));
  });

  it('a redirect to another host goes there, one to the service to an instance', async () => {
    const [a, b, c] = await startAll();
    const elsewhere = new ShopServer('elsewhere');
    const port = await elsewhere.listen();
    for (const shop of [a!, b!, c!]) shop.location = `http://127.0.0.1:${port}/`;
    const service = await discover();
    expect(await get(service)).toBe('elsewhere');
    expect(elsewhere.hosts).toEqual([`127.0.0.1:${port}`]);
    for (const shop of [a!, b!, c!]) shop.location = 'http://shop/other';
    expect(names).toContain(await get(service));
  });

  it('an instance resets the connection after the request: a POST is not retried', async () => {
    const shops = await startAll();
    for (const shop of shops) shop.behavior = 'reset';
    await expect(get(await discover(), { method: 'POST', body: 'one' })).rejects.toThrow('fetch failed');
    expect(shops.reduce((sum, { requests }) => sum + requests, 0)).toBe(1);
  });

  it('an instance resets the connection within the response: the request is not retried', async () => {
    const shops = await startAll();
    for (const shop of shops) shop.behavior = 'reset within the response';
    await expect(get(await discover())).rejects.toThrow('terminated');
    expect(shops.reduce((sum, { requests }) => sum + requests, 0)).toBe(1);
  });

  it('an instance resets the connection after a streamed PUT: it is not retried without its body', async () => {
    const shops = await startAll();
    for (const shop of shops) shop.behavior = 'reset';
    const body = new Blob(['one']).stream();
    await expect(get(await discover(), { method: 'PUT', body, duplex: 'half' })).rejects.toThrow(
      'fetch failed',
    );
    expect(shops.reduce((sum, { requests }) => sum + requests, 0)).toBe(1);
  });

  it('an instance is removed with a request in flight: the request completes, then its connection closes', async () => {
    const [a] = await startAll();
    a!.behavior = 'wait';
    const service = await discover();
    const signal = AbortSignal.timeout(60_000);
    const responses = Promise.all(names.map(() => get(service, { signal })));
    await vi.waitFor(() => expect(a!.requests).toBe(1), { timeout: 10_000 });
    memory.remove('a');
    const picked = () => names.map(() => service.pick().id);
    await vi.waitFor(() => expect(picked()).not.toContain('a'), { timeout: 10_000 });
    a!.respond();
    expect((await responses).toSorted()).toEqual(names);
    await vi.waitFor(async () => expect(await a!.connections).toBe(0), { timeout: 20_000, interval: 100 });
  }, 60_000);

  it('a listed instance is dead: a POST is sent to another one', async () => {
    const [a, b] = await startAll();
    a!.kill();
    b!.kill();
    const service = await discover();
    for (let i = 0; i < 6; i++) expect(await get(service, { method: 'POST', body: 'one' })).toBe('c');
  });

  it('all instances are dead: a request fails with the connection error', async () => {
    const shops = await startAll();
    for (const shop of shops) shop.kill();
    await expect(get(await discover())).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('no instance is registered: a request fails with NO_INSTANCE', async () => {
    await expect(get(await discover())).rejects.toSatisfy((error: Error) => {
      const reason = error.cause ?? error;
      return reason instanceof DiscoveryError && reason.code === 'NO_INSTANCE';
    });
  });

  it('an added instance gets requests, a removed one does not', async () => {
    const [a] = await Promise.all([ShopServer.start('a'), ShopServer.start('b')]);
    const service = await discover();
    const c = await ShopServer.start('c');
    memory.remove('a');
    await vi.waitFor(
      async () => {
        const before = a.requests;
        for (let i = 0; i < 6; i++) await get(service);
        expect([a.requests - before, c.requests > 0]).toEqual([0, true]);
      },
      { timeout: 5_000 },
    );
  });
});

it('HTTP clients and other watchers share one session with the registry until the last one closes', async () => {
  const watch = registry.watch('shop');
  const [one, other] = await Promise.all([discover(), discover()]);
  expect(memory.sessions).toBe(1);
  watch.close();
  await one.close();
  expect(memory.sessions).toBe(1);
  await other.close();
  await vi.waitFor(() => expect(memory.sessions).toBe(0));
});
