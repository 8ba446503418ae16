import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Registry } from '../../registry.js';
import { MemoryRegistry } from '../../testing/memory-registry.js';
import { createGrpcClient, type GrpcClient } from '../client/grpc-client.js';
import { registerResolver } from '../resolver/register-resolver.js';
import { type EchoClient, echoContract, EchoServer } from '../fixtures/echo.js';
import { withCallContext } from './call-context.js';

let echo: GrpcClient<EchoClient>;
let server: EchoServer;
const endings: (() => unknown)[] = [];

beforeEach(async () => {
  const memory = new MemoryRegistry();
  const registry = new Registry(memory.open());
  server = await EchoServer.start('a');
  server.manner = 'silence';
  memory.put(server.instance);
  endings.push(
    () => server.kill(),
    () => registry.close(),
    registerResolver(registry),
  );
  echo = createGrpcClient(echoContract, {
    target: 'memory:///echo',
    defaultTimeoutMs: 30_000,
    deadlineMarginMs: 1_000,
  });
  endings.push(() => echo.close());
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** When the server was told that its call ends, in ms from now. */
async function deadlineSeen(): Promise<number> {
  await vi.waitFor(() => expect(server.deadlines).toHaveLength(1), { timeout: 10_000 });
  return Number(server.deadlines[0]) - Date.now();
}

it('a call that is made for another one ends a margin before it', async () => {
  void withCallContext({ deadline: Date.now() + 20_000 }, () => echo.get({ text: '' })).catch(() => {});
  const left = await deadlineSeen();
  expect(left).toBeLessThanOrEqual(19_000);
  expect(left).toBeGreaterThan(10_000);
});

it('a call’s own deadline stays when it is the earlier one', async () => {
  void withCallContext({ deadline: Date.now() + 20_000 }, () =>
    echo.get({ text: '' }, { deadline: Date.now() + 10_000 }),
  ).catch(() => {});
  expect(await deadlineSeen()).toBeLessThanOrEqual(10_000);
});

it('a stream has no deadline, unless it is made for a call that has', async () => {
  const own = echo.watch({ text: '' }).on('error', () => {});
  expect(await deadlineSeen()).toBe(Infinity);
  own.cancel();
  server.deadlines.length = 0;
  withCallContext({ deadline: Date.now() + 20_000 }, () => echo.watch({ text: '' })).on('error', () => {});
  expect(await deadlineSeen()).toBeLessThanOrEqual(19_000);
});

it('a call for which no time is left fails, and is not sent', async () => {
  const call = withCallContext({ deadline: Date.now() + 500 }, () => echo.get({ text: '' }));
  await expect(call).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  expect(server.calls).toBe(0);
});

it('is cancelled with the call that it is made for, however deep it is, and not sent again', async () => {
  const abort = new AbortController();
  const call = withCallContext({ signal: abort.signal }, async () => {
    await Promise.resolve();
    return echo.get({ text: '' });
  });
  await vi.waitFor(() => expect(server.calls).toBe(1), { timeout: 10_000 });
  abort.abort();
  await expect(call).rejects.toMatchObject({
    code: status.CANCELLED,
    details: 'the call that it was made for is over',
  });
  await vi.waitFor(() => expect(server.cancelled).toBe(1), { timeout: 10_000 });
  expect(server.calls).toBe(1);
});

it('a call that is made for one that is over already is cancelled', async () => {
  const call = withCallContext({ signal: AbortSignal.abort() }, () => echo.get({ text: '' }));
  await expect(call).rejects.toMatchObject({ code: status.CANCELLED });
});
