import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetch, request } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  AttemptEvent,
  AttemptStartEvent,
  CallEvent,
  CallStartEvent,
} from '../events/discovery-events.js';
import { onEvent } from '../events/on-event.js';
import { Registry } from '../registry.js';
import { MemoryRegistry } from '../testing/memory-registry.js';
import { discoverHttp, type DiscoveredHttpService } from './discover-http.js';

vi.setConfig({ testTimeout: 20_000 });

type CallEvents = CallStartEvent | AttemptStartEvent | AttemptEvent | CallEvent;

let memory: MemoryRegistry;
let shop: DiscoveredHttpService;
let received: CallEvents[];
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  memory = new MemoryRegistry();
  const registry = new Registry(memory.open(), { lingerMs: 0 });
  shop = discoverHttp(registry, 'shop');
  received = [];
  const unsubscribe = onEvent(['call-start', 'attempt-start', 'attempt', 'call'], (event) =>
    received.push(event),
  );
  cleanups.push(
    () => registry.close(),
    () => shop.close(),
    unsubscribe,
  );
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A real server. Returns the headers of its requests. */
async function serve(id: string, { resets = false } = {}): Promise<IncomingHttpHeaders[]> {
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((incoming, response) => {
    headers.push(incoming.headers);
    if (resets) incoming.socket.resetAndDestroy();
    else response.writeHead(incoming.url === '/missing' ? 404 : 200).end(id);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  memory.put({ id, service: 'shop', host: '127.0.0.1', port });
  await vi.waitFor(() => expect(shop.pick()).toBeDefined());
  return headers;
}

const typesOf = (events: readonly CallEvents[]) => events.map(({ type }) => type);

describe.each<[string, typeof globalThis.fetch]>([
  ['undici', fetch as unknown as typeof globalThis.fetch],
  ['Node', globalThis.fetch],
])('fetch of %s', (_, fetchOf) => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetchOf(`http://shop${path}`, { dispatcher: shop.dispatcher, headers } as object);

  it('emits the start and the end of a request and of its attempt', async () => {
    await serve('a');
    expect(await (await get('/missing')).text()).toBe('a');
    expect(typesOf(received)).toEqual(['call-start', 'attempt-start', 'attempt', 'call']);
    const { call } = received[0]!;
    expect(call).toEqual({
      protocol: 'http',
      target: 'http://shop',
      service: 'shop',
      method: 'GET',
      isKnownMethod: true,
    });
    expect(received.every((event) => event.call === call)).toBe(true);
    expect(received[2]).toMatchObject({ attempt: 1, isHedge: false, outcome: 'success', code: 404 });
    expect(received[3]).toMatchObject({ outcome: 'success', code: 404, retries: 0, hedges: 0 });
  });

  it('sends the headers that a listener adds, in place of others of that name', async () => {
    const headers = await serve('a');
    const seen: unknown[] = [];
    cleanups.push(
      onEvent('attempt-start', (event) => {
        seen.push(...event.headers.get('X-Trace'));
        event.headers.set('x-trace', 'new');
      }),
    );
    await (await get('/', { 'x-trace': 'old', 'x-other': '1' })).text();
    expect(seen).toEqual(['old']);
    expect(headers[0]).toMatchObject({ 'x-trace': 'new', 'x-other': '1', host: 'shop' });
  });
});

it('a request whose connection is lost is retried: two attempts, and why', async () => {
  await serve('a', { resets: true });
  await serve('b');
  await vi.waitFor(async () => {
    received.length = 0;
    const { body } = await request('http://shop/', { dispatcher: shop.dispatcher });
    expect(await body.text()).toBe('b');
    expect(received.length).toBe(6);
  });
  expect(typesOf(received)).toEqual([
    'call-start',
    'attempt-start',
    'attempt',
    'attempt-start',
    'attempt',
    'call',
  ]);
  expect(received[2]).toMatchObject({ attempt: 1, outcome: 'failure', instance: { id: 'a' } });
  expect(received[3]).toMatchObject({ attempt: 2, reason: 'connection-lost' });
  expect(received[4]).toMatchObject({ attempt: 2, outcome: 'success', code: 200, instance: { id: 'b' } });
  expect(received[5]).toMatchObject({ outcome: 'success', code: 200, retries: 1 });
});

it('a request that fails ends with its error', async () => {
  await serve('a', { resets: true });
  const failing = request('http://shop/', { dispatcher: shop.dispatcher, method: 'POST', body: 'x' });
  await expect(failing).rejects.toThrow(/ECONNRESET|other side closed/);
  expect(received.at(-1)).toMatchObject({ type: 'call', outcome: 'failure' });
  expect((received.at(-1) as CallEvent).error).not.toBe('');
});

it('a request that is aborted is cancelled', async () => {
  await serve('a');
  const controller = new AbortController();
  cleanups.push(onEvent('attempt-start', () => controller.abort()));
  const aborted = request('http://shop/', { dispatcher: shop.dispatcher, signal: controller.signal });
  await expect(aborted).rejects.toThrow('This operation was aborted');
  await vi.waitFor(() => expect(received.at(-1)).toMatchObject({ type: 'call', outcome: 'cancelled' }));
});
