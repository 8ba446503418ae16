import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { onEvent } from '../../events/on-event.js';
import { createGrpcClient, type GrpcClientOptions } from '../client/grpc-client.js';
import type { GrpcClient } from '../client/stub-types.js';
import { type EchoClient, echoContract, EchoServer } from '../fixtures/echo.js';
import { withCallContext } from './call-context.js';
import { interceptors } from './interceptors.js';
import type { MethodOptions, StreamMethodOptions } from './method-options.js';

vi.setConfig({ testTimeout: 20_000 });

type Options = Omit<GrpcClientOptions<typeof echoContract>, 'target'>;

let servers: EchoServer[];
const clients: GrpcClient<EchoClient>[] = [];
beforeEach(async () => {
  servers = await Promise.all([EchoServer.start('a'), EchoServer.start('b')]);
});
afterEach(() => {
  for (const each of clients.splice(0)) each.close();
  for (const server of servers) server.kill();
});

/** Connected to the servers. */
async function client(
  options: Options,
  used: readonly EchoServer[] = servers,
): Promise<GrpcClient<EchoClient>> {
  const addresses = used.map(({ instance }) => `127.0.0.1:${instance.port}`);
  const echo = createGrpcClient(echoContract, { target: `static:///${addresses.join()}`, ...options });
  clients.push(echo);
  await vi.waitFor(async () => {
    await echo.add({ text: '' });
    for (const server of used) expect(server.calls).toBeGreaterThan(0);
  });
  for (const server of used) server.calls = server.cancelled = 0;
  return echo;
}

const deadlineExceeded = { code: status.DEADLINE_EXCEEDED };

describe('timeoutMs of a method', () => {
  it('ends its calls, unary or not, also those with more time from their incoming call', async () => {
    const [a] = servers as [EchoServer];
    const echo = await client({ methods: { get: { timeoutMs: 100 }, watch: { timeoutMs: 100 } } }, [a]);
    a.behavior = 'hang';
    await expect(echo.get({ text: '' })).rejects.toMatchObject(deadlineExceeded);
    const context = { deadline: Date.now() + 60_000 };
    await expect(withCallContext(context, () => echo.get({ text: '' }))).rejects.toMatchObject(
      deadlineExceeded,
    );
    const watching = async () => {
      for await (const _ of echo.watch({ text: '' }));
    };
    await expect(watching()).rejects.toMatchObject(deadlineExceeded);
  });

  it('gives way to a deadline of the call, and leaves other methods alone', async () => {
    const [a] = servers as [EchoServer];
    const echo = await client({ methods: { get: { timeoutMs: 60_000 } }, defaultTimeoutMs: 30_000 }, [a]);
    a.behavior = 'hang';
    a.deadlines.length = 0;
    await expect(echo.get({ text: '' }, { timeoutMs: 100 })).rejects.toMatchObject(deadlineExceeded);
    const abort = new AbortController();
    const add = echo.add({ text: '' }, { signal: abort.signal });
    await vi.waitFor(() => expect(a.deadlines).toHaveLength(2));
    const remainingMs = Number(a.deadlines[1]) - Date.now();
    expect(remainingMs).toBeGreaterThan(15_000);
    expect(remainingMs).toBeLessThanOrEqual(30_000);
    abort.abort();
    await expect(add).rejects.toBe(abort.signal.reason);
  });
});

describe('retry of a method', () => {
  it.each<[MethodOptions['retry'] & {}, number]>([
    [false, 1],
    [{ maxRetries: 0 }, 1],
    [{ maxRetries: 2 }, 3],
    [{}, 5],
  ])('%j: %d attempts', async (retry, attempts) => {
    const [a] = servers as [EchoServer];
    const echo = await client({ methods: { get: { retry } } }, [a]);
    a.behavior = 'fail';
    await expect(echo.get({ text: '' })).rejects.toMatchObject({ details: 'overloaded' });
    expect(a.calls).toBe(attempts);
  });

  it('{ hedging: false } sends no second attempt beside the first one', async () => {
    const [a, b] = servers as [EchoServer, EchoServer];
    const echo = await client({ methods: { get: { retry: { hedging: false } } } });
    a.behavior = b.behavior = 'hang';
    const failing = echo.get({ text: '' }, { timeoutMs: 1_500 });
    await expect(failing).rejects.toMatchObject(deadlineExceeded);
    expect(a.calls + b.calls).toBe(1);
  });
});

describe('attemptTimeoutMs', () => {
  const methods = { get: { attemptTimeoutMs: 100 } };

  it('abandons an attempt, and sends the call to another instance', async () => {
    const [slow] = servers as [EchoServer];
    const echo = await client({ methods, retry: { hedging: false } });
    slow.behavior = 'hang';
    const reasons: string[] = [];
    const unsubscribe = onEvent('retry', ({ reason }) => reasons.push(reason));
    const names = await Promise.all([echo.get({ text: '' }), echo.get({ text: '' })]);
    unsubscribe();
    expect(names).toEqual([{ text: 'b' }, { text: 'b' }]);
    expect(reasons).toEqual(['slow']);
    await vi.waitFor(() => expect(slow.cancelled).toBe(1));
  });

  it('abandons the older one of two attempts', async () => {
    const [a, b] = servers as [EchoServer, EchoServer];
    const echo = await client({ methods: { get: { attemptTimeoutMs: 700 } } });
    a.behavior = b.behavior = 'hang';
    // A second attempt follows the first one after 500 ms, while nothing is known of the method.
    const call = echo.get({ text: '' }, { timeoutMs: 15_000 });
    await vi.waitFor(() => expect(a.cancelled + b.cancelled).toBe(1), { timeout: 5_000 });
    expect(a.calls + b.calls).toBe(2);
    a.behavior = b.behavior = 'respond';
    // The next one follows when the second has timed out, too.
    await expect(call).resolves.toBeDefined();
  });

  it('lets the last attempt go on until the deadline', async () => {
    const [a] = servers as [EchoServer];
    const echo = await client({ methods, retry: { maxRetries: 2, hedging: false } }, [a]);
    a.behavior = 'hang';
    let calls = 0;
    a.onCall = () => (calls += 1);
    const failing = echo.get({ text: '' }, { timeoutMs: 1_500 });
    await expect(failing).rejects.toMatchObject({
      ...deadlineExceeded,
      details: expect.not.stringContaining('attempt timeout'),
    });
    expect(calls).toBe(3);
    await vi.waitFor(() => expect(a.cancelled).toBe(3));
  });

  it('leaves an attempt alone that is answered in time, and other methods', async () => {
    const [a] = servers as [EchoServer];
    const echo = await client({ methods }, [a]);
    expect(await echo.get({ text: '' })).toEqual({ text: 'a' });
    a.behavior = 'hang';
    await expect(echo.add({ text: '' }, { timeoutMs: 400 })).rejects.toMatchObject(deadlineExceeded);
    expect(a.calls).toBe(2);
  });
});

it('the settings of methods are typed by the stub', () => {
  type Methods = Required<GrpcClientOptions<typeof echoContract>>['methods'];
  expectTypeOf<Methods['get']>().toEqualTypeOf<MethodOptions | undefined>();
  expectTypeOf<Methods['watch' | 'collect' | 'chat']>().toEqualTypeOf<StreamMethodOptions | undefined>();
  expectTypeOf<keyof Methods>().toEqualTypeOf<'get' | 'add' | 'watch' | 'collect' | 'chat'>();
});

const target = 'static:///127.0.0.1:1';
const get = 'methods["/echo.v1.EchoService/Get"]';
const add = 'methods["/echo.v1.EchoService/Add"]';
it.each<[object, string]>([
  [{ got: {} }, 'invalid methods "got": there is no such method; choose from get, add, watch, collect, chat'],
  [{ watch: { retry: false } }, 'invalid methods.watch {"retry":false}: only unary calls are retried'],
  [{ chat: { attemptTimeoutMs: 5 } }, 'invalid methods.chat {"attemptTimeoutMs":5}: only unary calls'],
  [{ get: 500 }, `invalid ${get} 500: use an object of timeoutMs, retry, attemptTimeoutMs`],
  [{ get: { timeout: 5 } }, `invalid ${get}.timeout 5: use timeoutMs, retry, attemptTimeoutMs`],
  [{ get: { timeoutMs: 0 } }, `invalid ${get}.timeoutMs 0`],
  [{ get: { retry: true } }, `invalid ${get}.retry true: use false, or { maxRetries, hedging }`],
  [{ get: { retry: { maxRetries: 101 } } }, `invalid ${get}.retry.maxRetries 101`],
  [{ get: { retry: { budget: {} } } }, `invalid ${get}.retry.budget {}: use maxRetries, hedging`],
  [{ get: { attemptTimeoutMs: 0 } }, `invalid ${get}.attemptTimeoutMs 0`],
  [
    { get: { attemptTimeoutMs: 9, retry: false } },
    `invalid ${get}.attemptTimeoutMs 9: no attempt may follow`,
  ],
  [{ add: { attemptTimeoutMs: 9 } }, `invalid ${add}.attemptTimeoutMs 9: the method is not idempotent`],
  [{ add: { retry: {} } }, `invalid ${add}.retry {}: the method is not idempotent`],
])('methods %j is rejected', (methods, error) => {
  const options = { target, methods } as GrpcClientOptions<typeof echoContract>;
  expect(() => createGrpcClient(echoContract, options)).toThrow(`INVALID_OPTION: ${error}`);
});

it('interceptors() take the settings of methods by path', () => {
  const paths = { idempotentMethods: [], methods: { get: {} } };
  expect(() => interceptors(paths)).toThrow('INVALID_OPTION: invalid methods "get": use paths');
});
