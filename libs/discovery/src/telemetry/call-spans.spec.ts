import { createRequire } from 'node:module';
import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EchoServer } from '../grpc/fixtures/echo.js';
import { reachAll, startEcho } from './fixtures/echo-servers.js';
import { TelemetryRecorder } from './fixtures/telemetry-recorder.js';

vi.setConfig({ testTimeout: 20_000 });
const waiting = { timeout: 10_000, interval: 5 };

let recorder: TelemetryRecorder;
const cleanups: (() => unknown)[] = [];
beforeEach(() => {
  recorder = new TelemetryRecorder();
  cleanups.push(() => recorder.close());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function startService<const Names extends readonly string[]>(names: Names) {
  const service = await startEcho(names);
  cleanups.push(() => service.close());
  return service;
}

/** The W3C trace contexts that a server has received: trace and span ids. */
const contextsAt = ({ metadata }: EchoServer) =>
  metadata.flatMap((each) => each.get('traceparent')).map((value) => String(value).split('-').slice(1, 3));

const contextOf = (span: ReadableSpan) => [span.spanContext().traceId, span.spanContext().spanId];

/** Runs `work` in a span of the program. */
async function inSpan<T>(work: () => Promise<T>): Promise<{ readonly span: Span; readonly result: T }> {
  const span = recorder.tracerProvider.getTracer('program').startSpan('program');
  const result = await context.with(trace.setSpan(context.active(), span), work);
  span.end();
  return { span, result };
}

it('a call has a span below that of its caller, and its attempt one whose context the instance receives', async () => {
  const { echo, servers } = await startService(['a']);
  recorder.start();
  const { span: caller } = await inSpan(() => echo.get({ text: '' }));
  const [attempt, call] = recorder.spans as [ReadableSpan, ReadableSpan];
  expect(call).toMatchObject({
    name: 'Sent.echo.v1.EchoService/Get',
    kind: SpanKind.INTERNAL,
    parentSpanContext: { spanId: caller.spanContext().spanId },
    attributes: {
      'rpc.system.name': 'grpc',
      'rpc.method': 'echo.v1.EchoService/Get',
      'rpc.response.status_code': 'OK',
      'server.address': 'static',
    },
    status: { code: SpanStatusCode.UNSET },
  });
  const { port } = servers[0].instance;
  expect(attempt).toMatchObject({
    name: 'Attempt.echo.v1.EchoService/Get',
    kind: SpanKind.CLIENT,
    parentSpanContext: { spanId: call.spanContext().spanId },
    attributes: {
      'discovery.attempt': 1,
      'discovery.instance': `127.0.0.1:${port}`,
      'discovery.outcome': 'success',
      'network.peer.address': '127.0.0.1',
      'network.peer.port': port,
      'previous-rpc-attempts': 0,
      'rpc.response.status_code': 'OK',
    },
  });
  expect(contextsAt(servers[0])).toEqual([contextOf(attempt)]);
  expect(attempt.spanContext().traceId).toBe(caller.spanContext().traceId);
});

it('a retried call has a span for each attempt, with the reason, and each instance receives its own', async () => {
  const { echo, servers } = await startService(['a', 'b']);
  await reachAll(echo, servers);
  servers[0].behavior = 'fail';
  for (const server of servers) server.metadata.length = 0;
  recorder.start();
  await vi.waitFor(async () => {
    await echo.get({ text: '' });
    expect(recorder.spansOf('Attempt.').some(({ attributes }) => attributes['discovery.attempt'] === 2)).toBe(
      true,
    );
  }, waiting);
  const second = recorder
    .spansOf('Attempt.')
    .find(({ attributes }) => attributes['discovery.attempt'] === 2)!;
  const siblings = recorder
    .spansOf('Attempt.')
    .filter(({ parentSpanContext }) => parentSpanContext?.spanId === second.parentSpanContext?.spanId);
  const [first] = siblings;
  expect(siblings.length).toBe(2);
  expect(first).toMatchObject({
    attributes: {
      'discovery.attempt': 1,
      'error.type': 'UNAVAILABLE',
      'rpc.response.status_code': 'UNAVAILABLE',
    },
    status: { code: SpanStatusCode.ERROR, message: 'overloaded' },
  });
  expect(second.attributes).toMatchObject({
    'discovery.retry.reason': 'failed',
    'previous-rpc-attempts': 1,
    'rpc.response.status_code': 'OK',
  });
  expect(contextsAt(servers[0])).toContainEqual(contextOf(first!));
  expect(contextsAt(servers[1])).toContainEqual(contextOf(second));
  const calls = recorder.spansOf('Sent.');
  expect(calls.every(({ status }) => status.code === SpanStatusCode.UNSET)).toBe(true);
});

it('an attempt that another one has overtaken is cancelled, and no error', async () => {
  const { echo, servers } = await startService(['a', 'b']);
  for (let i = 0; i < 20; i++) await echo.get({ text: '' });
  servers[0].behavior = 'hang';
  recorder.start();
  const cancelled = () =>
    recorder.spans.find(({ attributes }) => attributes['discovery.outcome'] === 'cancelled');
  await vi.waitFor(async () => {
    await echo.get({ text: '' });
    expect(cancelled()).toBeDefined();
  }, waiting);
  expect(cancelled()).toMatchObject({ status: { code: SpanStatusCode.UNSET } });
  const hedge = recorder.spans.find(({ attributes }) => attributes['discovery.retry.reason'] === 'slow')!;
  expect(hedge.parentSpanContext).toEqual(cancelled()!.parentSpanContext);
});

it('a failed call and its attempt have the error', async () => {
  const { echo } = await startService(['a']);
  recorder.start();
  await expect(echo.collect([{ text: 'fail' }])).rejects.toThrow('NOT_FOUND');
  const failed = {
    attributes: { 'error.type': 'NOT_FOUND' },
    status: { code: SpanStatusCode.ERROR, message: 'no' },
  };
  expect(recorder.spans).toMatchObject([
    { name: 'Attempt.echo.v1.EchoService/Collect', ...failed },
    { name: 'Sent.echo.v1.EchoService/Collect', ...failed },
  ]);
});

it('calls made at the same time have spans of their own', async () => {
  const { echo, servers } = await startService(['a', 'b']);
  recorder.start();
  const callers = await Promise.all(Array.from({ length: 20 }, () => inSpan(() => echo.get({ text: '' }))));
  const attempts = recorder.spansOf('Attempt.');
  expect(attempts.length).toBe(20);
  const received = servers.flatMap((server) => contextsAt(server));
  expect(received.toSorted()).toEqual(attempts.map(contextOf).toSorted());
  const traces = callers.map(({ span }) => span.spanContext().traceId);
  expect(attempts.map((span) => span.spanContext().traceId).toSorted()).toEqual(traces.toSorted());
});

it('a trace context of another process that is forwarded is not taken for a span of the call', async () => {
  const { echo, servers } = await startService(['a']);
  await echo.get({ text: '' });
  const remote = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1, isRemote: true };
  const metadata = servers[0].metadata[0]!.clone();
  metadata.set('traceparent', `00-${remote.traceId}-${remote.spanId}-01`);
  recorder.start();
  await context.with(trace.setSpanContext(context.active(), remote), () =>
    echo.get({ text: '' }, { metadata }),
  );
  expect(recorder.spansOf('Sent.')).toMatchObject([{ parentSpanContext: { spanId: remote.spanId } }]);
  expect(contextsAt(servers[0])).toEqual([contextOf(recorder.spansOf('Attempt.')[0]!)]);
  expect(metadata.get('traceparent')).toEqual([`00-${remote.traceId}-${remote.spanId}-01`]);
});

it('the span of instrumentation-grpc is that of the call: there is no second one', async () => {
  const instrumentation = new GrpcInstrumentation();
  instrumentation.setTracerProvider(recorder.tracerProvider);
  cleanups.push(() => instrumentation.disable());
  // It patches what `require` returns, and with it the classes of the copy that is imported.
  createRequire(import.meta.url)('@grpc/grpc-js');
  const { echo, servers } = await startService(['a']);
  recorder.start();
  await inSpan(() => echo.get({ text: '' }));
  await vi.waitFor(() => expect(recorder.spans.length).toBe(4), waiting);
  const named = (name: string, kind: SpanKind) =>
    recorder.spans.find((span) => span.name === name && span.kind === kind)!;
  const theirs = named('grpc.echo.v1.EchoService/Get', SpanKind.CLIENT);
  const attempt = named('Attempt.echo.v1.EchoService/Get', SpanKind.CLIENT);
  const server = named('grpc.echo.v1.EchoService/Get', SpanKind.SERVER);
  expect(attempt.parentSpanContext?.spanId).toBe(theirs.spanContext().spanId);
  expect(server.parentSpanContext?.spanId).toBe(attempt.spanContext().spanId);
  expect(contextsAt(servers[0])).toEqual([contextOf(attempt)]);
});
