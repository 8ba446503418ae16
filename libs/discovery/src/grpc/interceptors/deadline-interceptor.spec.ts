import { getEventListeners } from 'node:events';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Registry } from '../../registry.js';
import { MemoryRegistry } from '../../testing/memory-registry.js';
import { createGrpcClient } from '../client/grpc-client.js';
import type { GrpcClient } from '../client/stub-types.js';
import { registerResolver } from '../resolver/register-resolver.js';
import { type EchoClient, echoContract, EchoServer } from '../fixtures/echo.js';
import { withCallContext } from './call-context.js';

let echo: GrpcClient<EchoClient>;
let server: EchoServer;
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  const memory = new MemoryRegistry();
  const registry = new Registry(memory.open());
  server = await EchoServer.start('a');
  server.behavior = 'hang';
  memory.put(server.instance);
  cleanups.push(
    () => server.kill(),
    () => registry.close(),
    registerResolver(registry),
  );
  echo = createGrpcClient(echoContract, {
    target: 'memory:///echo',
    defaultTimeoutMs: 30_000,
    deadlineMarginMs: 1_000,
  });
  cleanups.push(() => echo.close());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** The deadline that the server received, in ms from now. */
async function receivedDeadline(): Promise<number> {
  await vi.waitFor(() => expect(server.deadlines).toHaveLength(1), { timeout: 10_000 });
  return Number(server.deadlines[0]) - Date.now();
}

it('a call gets the deadline of its incoming call less the margin', async () => {
  void withCallContext({ deadline: Date.now() + 20_000 }, () => echo.get({ text: '' })).catch(() => {});
  const remaining = await receivedDeadline();
  expect(remaining).toBeLessThanOrEqual(19_000);
  expect(remaining).toBeGreaterThan(10_000);
});

it('a call keeps its own deadline if that is earlier', async () => {
  void withCallContext({ deadline: Date.now() + 20_000 }, () =>
    echo.get({ text: '' }, { deadline: Date.now() + 10_000 }),
  ).catch(() => {});
  expect(await receivedDeadline()).toBeLessThanOrEqual(10_000);
});

it('a stream has no deadline unless its incoming call has one', async () => {
  const own = echo.watch({ text: '' });
  expect(await receivedDeadline()).toBe(Infinity);
  await own.return!();
  server.deadlines.length = 0;
  withCallContext({ deadline: Date.now() + 20_000 }, () => echo.watch({ text: '' }));
  expect(await receivedDeadline()).toBeLessThanOrEqual(19_000);
});

it('a call without time left fails and is not sent', async () => {
  const call = withCallContext({ deadline: Date.now() + 500 }, () => echo.get({ text: '' }));
  await expect(call).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  expect(server.calls).toBe(0);
});

it('a call is cancelled with its incoming call, however deep, and not retried', async () => {
  const abort = new AbortController();
  const call = withCallContext({ signal: abort.signal }, async () => {
    await Promise.resolve();
    return echo.get({ text: '' });
  });
  await vi.waitFor(() => expect(server.calls).toBe(1), { timeout: 10_000 });
  abort.abort();
  await expect(call).rejects.toMatchObject({
    code: status.CANCELLED,
    details: 'the incoming call has ended',
  });
  await vi.waitFor(() => expect(server.cancelled).toBe(1), { timeout: 10_000 });
  expect(server.calls).toBe(1);
});

it('a call is cancelled if its incoming call has already ended', async () => {
  const call = withCallContext({ signal: AbortSignal.abort() }, () => echo.get({ text: '' }));
  await expect(call).rejects.toMatchObject({ code: status.CANCELLED });
});

it('many calls are cancelled with one listener, which goes when they have ended', async () => {
  const abort = new AbortController();
  const listeners = () => getEventListeners(abort.signal, 'abort').length;
  const calls = withCallContext({ signal: abort.signal }, () =>
    Promise.allSettled(Array.from({ length: 20 }, () => echo.get({ text: '' }))),
  );
  await vi.waitFor(() => expect(server.calls).toBe(20), { timeout: 10_000 });
  expect(listeners()).toBe(1);
  abort.abort();
  for (const call of await calls) expect(call).toMatchObject({ reason: { code: status.CANCELLED } });
  server.behavior = 'respond';
  const answered = new AbortController();
  await withCallContext({ signal: answered.signal }, () => echo.get({ text: '' }));
  expect(getEventListeners(answered.signal, 'abort')).toEqual([]);
});
