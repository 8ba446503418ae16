import {
  credentials,
  InterceptingCall,
  type Interceptor,
  loadPackageDefinition,
  type requestCallback,
  status,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Registry } from '../../registry.js';
import { MemoryRegistry } from '../../testing/memory-registry.js';
import { channelOptions } from '../client/channel-options.js';
import { idempotentMethods, loadContract } from '../client/contract.js';
import { type EchoClient, echoContract, EchoServer, type Message } from '../fixtures/echo.js';
import { registerResolver } from '../resolver/register-resolver.js';
import { withCallContext } from './call-context.js';
import { interceptors, type InterceptorsOptions } from './interceptors.js';

vi.setConfig({ testTimeout: 20_000 });

const { definition, Client } = loadContract(echoContract);
const defaults: InterceptorsOptions = { idempotentMethods: idempotentMethods(definition) };
let memory: MemoryRegistry;
const cleanups: (() => unknown)[] = [];

beforeEach(() => {
  memory = new MemoryRegistry();
  const registry = new Registry(memory.open(), { lingerMs: 0 });
  cleanups.push(() => registry.close(), registerResolver(registry));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function server(name: string): Promise<EchoServer> {
  const started = await EchoServer.start(name);
  cleanups.push(() => started.kill());
  memory.put(started.instance);
  return started;
}

/** A client as users of grpc-js make one. */
function grpcJsClient(options: object): EchoClient {
  const client = new Client('memory:///echo', credentials.createInsecure(), options);
  cleanups.push(() => client.close());
  return client as unknown as EchoClient;
}

function call(client: EchoClient, method: 'Get' | 'Add' = 'Get'): Promise<string> {
  return new Promise((resolve, reject) => {
    const callback: requestCallback<Message> = (error, response) =>
      error ? reject(error) : resolve(response!.text);
    client[method]({ text: '' }, callback);
  });
}

describe('a client of grpc-js with channelOptions() and interceptors()', () => {
  const client = (options: Partial<InterceptorsOptions> = {}) =>
    grpcJsClient({ ...channelOptions(), interceptors: interceptors({ ...defaults, ...options }) });

  it('waits for the first instance', async () => {
    const calls = [call(client()), call(client(), 'Add')];
    await server('a');
    expect(await Promise.all(calls)).toEqual(['a', 'a']);
  });

  it('waits with a clock for each channel, if several share the interceptors', async () => {
    const list = interceptors({ ...defaults, waitForReadyMs: 300 });
    const first = grpcJsClient({ ...channelOptions(), interceptors: list });
    await expect(call(first)).rejects.toMatchObject({ code: status.UNAVAILABLE });
    const second = grpcJsClient({ ...channelOptions(), interceptors: list });
    const waiting = call(second);
    await server('a');
    expect(await waiting).toBe('a');
  });

  it('with waitForReadyMs 0 fails at once', async () => {
    memory.put((await EchoServer.start('gone').then((gone) => (gone.kill(), gone))).instance);
    await expect(call(client({ waitForReadyMs: 0 }))).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });

  it('loses no idempotent call when an instance is killed', async () => {
    const [dying] = await Promise.all([server('dying'), server('healthy')]);
    const grpcClient = client();
    await vi.waitFor(async () => expect(await call(grpcClient)).toBe('dying'));
    dying.behavior = 'headers only';
    dying.calls = 0;
    const calls = Array.from({ length: 20 }, () => call(grpcClient));
    await vi.waitFor(() => expect(dying.calls).toBeGreaterThan(5));
    dying.kill();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['healthy']));
  });

  it('does not retry a method that is not in the list', async () => {
    const a = await server('a');
    a.behavior = 'fail';
    await expect(call(client(), 'Add')).rejects.toMatchObject({ details: 'overloaded' });
    expect(a.calls).toBe(1);
  });

  it('has a default timeout, and that of the incoming call', async () => {
    const a = await server('a');
    a.behavior = 'hang';
    const grpcClient = client({ defaultTimeoutMs: 200 });
    await expect(call(grpcClient)).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    void withCallContext({ deadline: Date.now() + 60_000 }, () => call(grpcClient).catch(() => {}));
    await vi.waitFor(() => expect(Number(a.deadlines[1]) - Date.now()).toBeGreaterThan(30_000));
  });

  it('knows methods by name with or without the leading slash', async () => {
    const a = await server('a');
    a.behavior = 'fail';
    const grpcClient = client({ idempotentMethods: ['echo.v1.EchoService/Get'], retry: { maxRetries: 1 } });
    await expect(call(grpcClient)).rejects.toMatchObject({ details: 'overloaded' });
    expect(a.calls).toBe(2);
  });
});

describe('a client without channelOptions()', () => {
  const bare = (options: Partial<InterceptorsOptions>) =>
    grpcJsClient({ interceptors: interceptors({ ...defaults, ...options }) });

  it('waits if interceptors() know it', async () => {
    const client: EchoClient = bare({ client: () => client });
    const waiting = call(client);
    await server('a');
    expect(await waiting).toBe('a');
  });

  it('else retries only', async () => {
    const a = await server('a');
    a.behavior = 'fail';
    await expect(call(bare({}))).rejects.toMatchObject({ details: 'overloaded' });
    expect(a.calls).toBe(5);
  });
});

it('attemptInterceptors run for each attempt, and interceptors once', async () => {
  const a = await server('a');
  a.behavior = 'fail';
  let calls = 0;
  let attempts = 0;
  const count: Interceptor = (options, nextCall) => ((calls += 1), nextCall(options) as InterceptingCall);
  const addToken: Interceptor = (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        metadata.set('authorization', `token ${++attempts}`);
        next(metadata, listener);
      },
    });
  const client = grpcJsClient({
    ...channelOptions(),
    interceptors: interceptors({
      ...defaults,
      interceptors: [count],
      attemptInterceptors: [addToken],
      retry: { maxRetries: 2 },
    }),
  });
  await expect(call(client)).rejects.toMatchObject({ details: 'overloaded' });
  expect(calls).toBe(1);
  expect(a.metadata.map((metadata) => metadata.get('authorization'))).toEqual([
    ['token 1'],
    ['token 2'],
    ['token 3'],
  ]);
});

it('a client of the namespace that loadPackageDefinition returns takes them too', async () => {
  await server('a');
  const namespace = loadPackageDefinition(definition) as unknown as {
    echo: { v1: { EchoService: typeof Client } };
  };
  const client = new namespace.echo.v1.EchoService('memory:///echo', credentials.createInsecure(), {
    ...channelOptions(),
    interceptors: interceptors(defaults),
  });
  cleanups.push(() => client.close());
  expect(await call(client as unknown as EchoClient)).toBe('a');
});

it.each<[object, RegExp]>([
  [{}, /^INVALID_OPTION: invalid idempotentMethods undefined: list the paths .* or \[\] for none$/],
  [{ idempotentMethods: '/a.B/C' }, /^INVALID_OPTION: invalid idempotentMethods "\/a\.B\/C": list the paths/],
  [{ idempotentMethods: ['get'] }, /^INVALID_OPTION: invalid idempotentMethods "get": use paths/],
  [{ ...defaults, waitForReadyMs: -1 }, /^INVALID_OPTION: invalid waitForReadyMs -1/],
  [{ ...defaults, defaultTimeoutMs: 0 }, /^INVALID_OPTION: invalid defaultTimeoutMs 0/],
  [{ ...defaults, deadlineMarginMs: 0.5 }, /^INVALID_OPTION: invalid deadlineMarginMs 0\.5/],
  [{ ...defaults, retry: { maxRetries: -1 } }, /^INVALID_OPTION: invalid maxRetries -1/],
])('%j is rejected', (options, error) => {
  expect(() => interceptors(options as InterceptorsOptions)).toThrow(error);
});
