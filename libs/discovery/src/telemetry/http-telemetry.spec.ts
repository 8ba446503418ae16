import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { discoverHttp, type DiscoveredHttpService } from '../http/discover-http.js';
import { Registry } from '../registry.js';
import { MemoryRegistry } from '../testing/memory-registry.js';
import { TelemetryRecorder } from './fixtures/telemetry-recorder.js';

vi.setConfig({ testTimeout: 20_000 });

let recorder: TelemetryRecorder;
let shop: DiscoveredHttpService;
let contexts: unknown[];
const cleanups: (() => unknown)[] = [];
beforeEach(async () => {
  recorder = new TelemetryRecorder();
  contexts = [];
  const server = createServer(({ headers, url }, response) => {
    contexts.push(headers['traceparent']);
    response.writeHead(url === '/fails' ? 500 : 200).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const memory = new MemoryRegistry();
  memory.put({ id: 'a', service: 'shop', host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const registry = new Registry(memory.open());
  shop = discoverHttp(registry, 'shop');
  await shop.ready();
  cleanups.push(
    () => recorder.close(),
    () => server.close(),
    () => registry.close(),
    () => shop.close(),
  );
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const get = async (path: string) =>
  (await fetch(`http://shop${path}`, { dispatcher: shop.dispatcher } as object)).text();

it('measures requests by method, service and status', async () => {
  recorder.start();
  await get('/');
  await get('/');
  await get('/fails');
  const name = 'http.client.request.duration';
  const ofShop = { 'http.request.method': 'GET', 'server.address': 'shop' };
  expect((await recorder.points(name)).map(({ attributes }) => attributes)).toEqual([
    { ...ofShop, 'http.response.status_code': 200 },
    { ...ofShop, 'http.response.status_code': 500, 'error.type': '500' },
  ]);
  expect(await recorder.value(name, { 'http.response.status_code': 200 })).toBe(2);
  expect(await recorder.points('grpc.client.call.duration')).toEqual([]);
});

it('a request has a span below that of its caller, and its attempt one whose context the instance receives', async () => {
  recorder.start();
  const caller = recorder.tracerProvider.getTracer('program').startSpan('program');
  await context.with(trace.setSpan(context.active(), caller), () => get('/'));
  const [attempt, call] = recorder.spans;
  expect(call).toMatchObject({
    name: 'GET',
    kind: SpanKind.INTERNAL,
    parentSpanContext: { spanId: caller.spanContext().spanId },
    attributes: { 'server.address': 'shop' },
  });
  expect(attempt).toMatchObject({
    name: 'GET',
    kind: SpanKind.CLIENT,
    parentSpanContext: { spanId: call!.spanContext().spanId },
    attributes: {
      'discovery.instance': 'a',
      'http.request.resend_count': 0,
      'http.response.status_code': 200,
      'network.peer.address': '127.0.0.1',
    },
  });
  const { traceId, spanId } = attempt!.spanContext();
  expect(contexts).toEqual([`00-${traceId}-${spanId}-01`]);
});

it('a response with an error status is an error of both spans', async () => {
  recorder.start();
  await get('/fails');
  expect(recorder.spans.map(({ status }) => status.code)).toEqual([
    SpanStatusCode.ERROR,
    SpanStatusCode.ERROR,
  ]);
});
