import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetch, type RequestInit } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { Registry } from '../registry.js';
import { MemoryRegistry } from '../testing/memory-registry.js';
import { discoverHttp, type HttpOptions, type HttpService } from './discover-http.js';

let memory: MemoryRegistry;
let registry: Registry;
const endings: (() => unknown)[] = [];

beforeEach(() => {
  memory = new MemoryRegistry();
  registry = new Registry(memory.open(), { lingerMs: 0 });
  endings.push(() => registry.close());
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** A real HTTP server that answers with its name, and counts. */
class Shop {
  requests = 0;
  /** How it meets a request it has read: answers, breaks off the connection, also within the answer, or waits. */
  manner: 'answer' | 'break off' | 'break off midway' | 'wait' = 'answer';
  /** Has what waits answered. */
  answer = () => {};
  readonly #server: Server;

  constructor(readonly name: string) {
    this.#server = createServer((request, response) => {
      request.resume().once('end', () => {
        this.requests += 1;
        if (this.manner === 'break off') request.socket.resetAndDestroy();
        else if (this.manner === 'wait') this.answer = () => response.end(this.name);
        else if (this.manner === 'answer') response.end(this.name);
        else {
          response.writeHead(200, { 'content-length': 1_000 });
          response.write(this.name, () => setImmediate(() => request.socket.resetAndDestroy()));
        }
      });
    });
  }

  static async open(name: string): Promise<Shop> {
    const shop = new Shop(name);
    shop.#server.listen(0, '127.0.0.1');
    await once(shop.#server, 'listening');
    endings.push(() => shop.kill());
    const { port } = shop.#server.address() as AddressInfo;
    memory.put({ id: name, service: 'shop', host: '127.0.0.1', port });
    return shop;
  }

  /** Listens no more and resets its connections. The registry still lists it. */
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

async function discover(options?: HttpOptions): Promise<HttpService> {
  const service = discoverHttp(registry, 'shop', options);
  endings.push(() => service.close());
  await service.ready(AbortSignal.timeout(5_000));
  return service;
}

async function ask({ dispatcher }: HttpService, init: RequestInit = {}): Promise<string> {
  return (await fetch('http://shop/', { signal: AbortSignal.timeout(10_000), ...init, dispatcher })).text();
}

const names = ['a', 'b', 'c'] as const;
const openAll = () => Promise.all(names.map((name) => Shop.open(name)));

describe('pick', () => {
  it('gives each its turn', async () => {
    await openAll();
    const service = await discover();
    const ids = Array.from({ length: 300 }, () => service.pick().id);
    for (const name of names) expect(ids.filter((id) => id === name)).toHaveLength(100);
  });

  it('gives any of them at random', async () => {
    await openAll();
    const service = await discover({ policy: 'random' });
    const ids = Array.from({ length: 3_000 }, () => service.pick().id);
    for (const name of names) expect(ids.filter((id) => id === name).length).toBeGreaterThan(800);
  });

  it('chooses among those that the filter lets through', async () => {
    memory.put({ id: 'old', service: 'shop', host: '10.0.0.1', port: 80, version: '1' });
    memory.put({ id: 'new', service: 'shop', host: '10.0.0.2', port: 80, version: '2' });
    const service = await discover({ filter: { version: '2' } });
    expect([service.pick().id, service.pick().id]).toEqual(['new', 'new']);
  });

  it('says why there is none: nobody is registered, or the registry has not answered yet', async () => {
    const early = discoverHttp(registry, 'shop');
    expect(() => early.pick()).toThrow(/^NO_INSTANCE: no instance of shop is known yet: .*await ready\(\)/);
    await early.ready();
    expect(() => early.pick()).toThrow('NO_INSTANCE: memory:// has no instance of shop');
    await early.close();
  });
});

it('after it was closed there is nothing to pick, and requests say so', async () => {
  await Shop.open('a');
  const service = await discover();
  await service.close();
  expect(() => service.pick()).toThrow(/^CLOSED: /);
  await expect(ask(service)).rejects.toSatisfy(
    (error: Error) => ((error.cause ?? error) as DiscoveryError).code === 'CLOSED',
  );
});

describe('requests', () => {
  it('are spread evenly over all instances, and come back over connections that are kept', async () => {
    const shops = await openAll();
    const service = await discover();
    for (let i = 0; i < 30; i++) await ask(service);
    expect(shops.map(({ requests }) => requests)).toEqual([10, 10, 10]);
    expect(await Promise.all(shops.map(({ connections }) => connections))).toEqual([1, 1, 1]);
  });

  it('are taken from the fetch of Node, too, whose undici is another version', async () => {
    await Shop.open('a');
    const { dispatcher } = await discover();
    const init = { dispatcher } as unknown as Parameters<typeof globalThis.fetch>[1];
    expect(await (await globalThis.fetch('http://shop/', init)).text()).toBe('a');
  });

  it('under load, one of three is killed and stays listed: no GET fails', async () => {
    const [a] = await openAll();
    const service = await discover();
    const load = async () => {
      for (let i = 0; i < 100; i++) expect(names).toContain(await ask(service));
    };
    const loads = Promise.all(Array.from({ length: 10 }, load));
    await vi.waitFor(() => expect(a!.requests).toBeGreaterThan(50), { timeout: 10_000, interval: 1 });
    a!.kill();
    await loads;
  });

  it('an instance breaks off after it has read the request: a GET is sent to another one', async () => {
    const [a, b] = await openAll();
    a!.manner = b!.manner = 'break off';
    expect(await ask(await discover())).toBe('c');
  });

  it('an instance breaks off after it has read the request: a POST is not sent again', async () => {
    const shops = await openAll();
    for (const shop of shops) shop.manner = 'break off';
    await expect(ask(await discover(), { method: 'POST', body: 'one' })).rejects.toThrow('fetch failed');
    expect(shops.reduce((sum, { requests }) => sum + requests, 0)).toBe(1);
  });

  it('an instance breaks off within its answer: no other one is asked for the rest', async () => {
    const shops = await openAll();
    for (const shop of shops) shop.manner = 'break off midway';
    await expect(ask(await discover())).rejects.toThrow('terminated');
    expect(shops.reduce((sum, { requests }) => sum + requests, 0)).toBe(1);
  });

  it('an instance breaks off after it has read a streamed PUT: it is not sent again without its body', async () => {
    const shops = await openAll();
    for (const shop of shops) shop.manner = 'break off';
    const body = new Blob(['one']).stream();
    await expect(ask(await discover(), { method: 'PUT', body, duplex: 'half' })).rejects.toThrow(
      'fetch failed',
    );
    expect(shops.reduce((sum, { requests }) => sum + requests, 0)).toBe(1);
  });

  it('an instance leaves with a request in flight: that is answered, and then no connection to it is left', async () => {
    const [a] = await openAll();
    a!.manner = 'wait';
    const service = await discover();
    const signal = AbortSignal.timeout(60_000);
    const answers = Promise.all(names.map(() => ask(service, { signal })));
    await vi.waitFor(() => expect(a!.requests).toBe(1), { timeout: 10_000 });
    memory.remove('a');
    const picked = () => names.map(() => service.pick().id);
    await vi.waitFor(() => expect(picked()).not.toContain('a'), { timeout: 10_000 });
    a!.answer();
    expect((await answers).toSorted()).toEqual(names);
    await vi.waitFor(async () => expect(await a!.connections).toBe(0), { timeout: 20_000, interval: 100 });
  }, 60_000);

  it('an instance is gone that is still listed: a POST goes to another one, as nothing was sent', async () => {
    const [a, b] = await openAll();
    a!.kill();
    b!.kill();
    const service = await discover();
    for (let i = 0; i < 6; i++) expect(await ask(service, { method: 'POST', body: 'one' })).toBe('c');
  });

  it('all are gone: a request fails, and says whom it could not reach', async () => {
    const shops = await openAll();
    for (const shop of shops) shop.kill();
    await expect(ask(await discover())).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('nobody is registered: a request fails with the reason', async () => {
    await expect(ask(await discover())).rejects.toSatisfy((error: Error) => {
      const reason = error.cause ?? error;
      return reason instanceof DiscoveryError && reason.code === 'NO_INSTANCE';
    });
  });

  it('a newcomer is asked, one that has left is not', async () => {
    const [a] = await Promise.all([Shop.open('a'), Shop.open('b')]);
    const service = await discover();
    const c = await Shop.open('c');
    memory.remove('a');
    await vi.waitFor(
      async () => {
        const before = a.requests;
        for (let i = 0; i < 6; i++) await ask(service);
        expect([a.requests - before, c.requests > 0]).toEqual([0, true]);
      },
      { timeout: 5_000 },
    );
  });
});

it('one session with the registry serves HTTP clients and other watchers alike, until the last has gone', async () => {
  const watch = registry.watch('shop');
  const [one, other] = await Promise.all([discover(), discover()]);
  expect(memory.sessions).toBe(1);
  watch.close();
  await one.close();
  expect(memory.sessions).toBe(1);
  await other.close();
  await vi.waitFor(() => expect(memory.sessions).toBe(0));
});
