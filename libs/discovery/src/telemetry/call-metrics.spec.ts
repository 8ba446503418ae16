import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EchoEnvironment } from '../grpc/fixtures/echo-environment.js';
import type { EchoServer } from '../grpc/fixtures/echo.js';
import { interceptors } from '../grpc/interceptors/interceptors.js';
import { type EchoService, reachAll, startEcho } from './fixtures/echo-servers.js';
import { TelemetryRecorder } from './fixtures/telemetry-recorder.js';

vi.setConfig({ testTimeout: 20_000 });
const waiting = { timeout: 10_000, interval: 5 };

const [started, attempts, calls] = [
  'grpc.client.attempt.started',
  'grpc.client.attempt.duration',
  'grpc.client.call.duration',
];

let recorder: TelemetryRecorder;
const cleanups: (() => unknown)[] = [];
beforeEach(() => {
  recorder = new TelemetryRecorder();
  cleanups.push(() => recorder.close());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function startService<const Names extends readonly string[]>(
  names: Names,
  options?: Parameters<typeof startEcho>[1],
): Promise<EchoService<Names>> {
  const service = await startEcho(names, options);
  cleanups.push(() => service.close());
  return service;
}

const received = (servers: readonly EchoServer[]) => servers.reduce((sum, server) => sum + server.calls, 0);

it('counts calls and attempts by method, target and status, and by nothing else', async () => {
  recorder.start();
  const { echo, target } = await startService(['a', 'b']);
  for (let i = 0; i < 10; i++) await echo.get({ text: '' });
  for (let i = 0; i < 3; i++) await echo.add({ text: '' });
  const get = { 'grpc.method': 'echo.v1.EchoService/Get', 'grpc.target': target };
  const add = { 'grpc.method': 'echo.v1.EchoService/Add', 'grpc.target': target };
  expect((await recorder.points(started)).map(({ attributes, value }) => [attributes, value])).toEqual([
    [get, 10],
    [add, 3],
  ]);
  for (const name of [attempts, calls]) {
    const points = await recorder.points(name);
    expect(points.map(({ attributes }) => attributes)).toEqual([
      { ...get, 'grpc.status': 'OK' },
      { ...add, 'grpc.status': 'OK' },
    ]);
    expect([await recorder.value(name, get), await recorder.value(name, add)]).toEqual([10, 3]);
  }
  const [first] = await recorder.points(calls);
  expect((first!.value as { buckets: { boundaries: number[] } }).buckets.boundaries.slice(0, 4)).toEqual([
    0, 0.00001, 0.00005, 0.0001,
  ]);
  expect(await recorder.points('grpc.client.call.retries')).toEqual([]);
});

it('counts a retry: an attempt that failed, one that succeeded, and one call', async () => {
  const { echo, servers } = await startService(['a', 'b']);
  await reachAll(echo, servers);
  recorder.start();
  servers[0].behavior = 'fail';
  for (const server of servers) server.calls = 0;
  for (let i = 0; i < 10; i++) expect(await echo.get({ text: '' })).toEqual({ text: 'b' });
  const failed = servers[0].calls;
  expect(failed).toBeGreaterThan(0);
  expect(await recorder.value(started)).toBe(10 + failed);
  expect(await recorder.value(attempts, { 'grpc.status': 'UNAVAILABLE' })).toBe(failed);
  expect(await recorder.value(attempts, { 'grpc.status': 'OK' })).toBe(10);
  expect(await recorder.value(calls, { 'grpc.status': 'OK' })).toBe(10);
  expect(await recorder.value(calls)).toBe(10);
  expect([
    await recorder.sum('grpc.client.call.retries'),
    await recorder.sum('grpc.client.call.hedges'),
  ]).toEqual([failed, 0]);
});

it('counts hedges that were sent beside an attempt that nobody answers', async () => {
  const { echo, servers } = await startService(['a', 'b']);
  await vi.waitFor(async () => {
    for (let i = 0; i < 20; i++) await echo.get({ text: '' });
    expect(servers.every((server) => server.calls > 0)).toBe(true);
  });
  servers[0].behavior = 'hang';
  for (const server of servers) server.calls = 0;
  recorder.start();
  for (let i = 0; i < 6; i++) expect(await echo.get({ text: '' })).toEqual({ text: 'b' });
  const overtaken = servers[0].calls;
  expect(overtaken).toBeGreaterThan(0);
  await vi.waitFor(
    async () => expect(await recorder.value(attempts, { 'grpc.status': 'CANCELLED' })).toBe(overtaken),
    waiting,
  );
  expect(await recorder.value(started)).toBe(received(servers));
  expect(await recorder.sum('grpc.client.call.hedges')).toBe(received(servers) - 6);
  expect(await recorder.value('grpc.client.call.retries')).toBe(0);
  expect(await recorder.value(calls, { 'grpc.status': 'OK' })).toBe(6);
});

it('does not count a hedge that finds no other instance', async () => {
  const { echo, servers } = await startService(['a']);
  for (let i = 0; i < 20; i++) await echo.get({ text: '' });
  recorder.start();
  servers[0].behavior = 'hang';
  servers[0].calls = 0;
  await expect(echo.get({ text: '' }, { timeoutMs: 1_000 })).rejects.toThrow('DEADLINE_EXCEEDED');
  expect(await recorder.value(started)).toBe(1);
  expect(servers[0].calls).toBe(1);
  await vi.waitFor(async () => expect(await recorder.value(attempts)).toBe(1), waiting);
  expect(await recorder.value(calls, { 'grpc.status': 'DEADLINE_EXCEEDED' })).toBe(1);
  expect(await recorder.value('grpc.client.call.hedges')).toBe(0);
});

it('counts a stream as a call with one attempt, when it ends', async () => {
  recorder.start();
  const { echo } = await startService(['a']);
  for await (const { text } of echo.watch({ text: 'end' })) expect(text).toBe('a');
  await echo.collect([{ text: '1' }, { text: '2' }]);
  for await (const message of echo.chat([{ text: 'x' }])) expect(message).toEqual({ text: 'x' });
  await expect(echo.collect([{ text: 'fail' }])).rejects.toThrow('NOT_FOUND');
  expect(await recorder.value(started)).toBe(4);
  for (const name of [attempts, calls]) {
    expect(await recorder.value(name, { 'grpc.status': 'OK' })).toBe(3);
    expect(await recorder.value(name, { 'grpc.status': 'NOT_FOUND' })).toBe(1);
  }
});

it('counts a call that reaches no instance', async () => {
  recorder.start();
  const { echo, servers } = await startService(['a'], { waitForReadyMs: 50, retry: { maxRetries: 0 } });
  servers[0].kill();
  await expect(echo.get({ text: '' })).rejects.toThrow('UNAVAILABLE');
  expect(await recorder.value(started)).toBe(1);
  expect(await recorder.value(attempts, { 'grpc.status': 'UNAVAILABLE' })).toBe(1);
  expect(await recorder.value(calls, { 'grpc.status': 'UNAVAILABLE' })).toBe(1);
});

it('says when the retry budget is spent', async () => {
  const { echo, servers } = await startService(['a', 'b'], { retry: { budget: { maxTokens: 4 } } });
  await reachAll(echo, servers);
  recorder.start();
  for (const server of servers) server.behavior = 'fail';
  for (let i = 0; i < 10; i++) await echo.get({ text: '' }).catch(() => {});
  const exhausted = await recorder.value('discovery.retry_budget.exhausted');
  expect(exhausted).toBe(10);
  expect(await recorder.value(calls, { 'grpc.status': 'UNAVAILABLE' })).toBe(10);
});

it.each<[string, readonly string[], string]>([
  ['whose methods are unknown as other', [], 'other'],
  ['by its known methods', ['echo.v1.EchoService/Get'], 'echo.v1.EchoService/Get'],
])('counts the calls of a client of grpc-js %s', async (_, knownMethods, method) => {
  const environment = new EchoEnvironment();
  cleanups.push(() => environment.close());
  recorder.start();
  const [server] = await environment.servers('a');
  environment.publish(server.instance);
  const chain = interceptors({ idempotentMethods: [], knownMethods });
  const channel = environment.channel({}, { overrides: { interceptors: chain } as object });
  await channel.call();
  expect((await recorder.points(calls)).map(({ attributes }) => attributes)).toEqual([
    { 'grpc.method': method, 'grpc.target': 'scripted:///echo', 'grpc.status': 'OK' },
  ]);
});

it('names an instance on request, up to a number of them', async () => {
  recorder.start({ instanceLabel: { max: 2 } });
  const { echo, servers } = await startService(['a', 'b', 'c']);
  await reachAll(echo, servers);
  const instances = (await recorder.points(attempts)).map(
    ({ attributes }) => attributes['discovery.instance'],
  );
  expect(instances.length).toBe(3);
  expect(instances.filter((each) => each === 'other').length).toBe(1);
});

it('counts targets that are not to be named as other', async () => {
  recorder.start({ targetAttributeFilter: (target) => !target.startsWith('static:') });
  const { echo } = await startService(['a']);
  await echo.get({ text: '' });
  expect(await recorder.value(calls, { 'grpc.target': 'other' })).toBe(1);
});
