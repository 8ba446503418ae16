import { credentials, InterceptingCall, type Interceptor, Metadata, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { type EchoClient, echoContract, EchoServer, type Message } from '../fixtures/echo.js';
import type { CallOptions, Requests } from './call-options.js';
import { createGrpcClient } from './grpc-client.js';
import type { GrpcClient } from './stub-types.js';

vi.setConfig({ testTimeout: 20_000 });

let server: EchoServer;
let echo: GrpcClient<EchoClient>;
const cleanups: (() => unknown)[] = [];
const waitOptions = { timeout: 10_000 };

beforeEach(async () => {
  server = await EchoServer.start('a');
  cleanups.push(() => server.kill());
  echo = client();
});
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

function client(interceptors: readonly Interceptor[] = []): GrpcClient<EchoClient> {
  const created = createGrpcClient(echoContract, {
    target: `static:///127.0.0.1:${server.instance.port}`,
    interceptors,
  });
  cleanups.push(() => created.close());
  return created;
}

async function* texts(...values: readonly string[]): AsyncGenerator<Message> {
  for (const text of values) yield { text };
}

async function collect(responses: AsyncIterable<Message>): Promise<string[]> {
  const collected: string[] = [];
  for await (const { text } of responses) collected.push(text);
  return collected;
}

it('the type of a client has all four kinds of methods', () => {
  type Echo = GrpcClient<EchoClient>;
  expectTypeOf<Echo['get']>().toEqualTypeOf<(request: Message, options?: CallOptions) => Promise<Message>>();
  expectTypeOf<Echo['watch']>().toEqualTypeOf<
    (request: Message, options?: CallOptions) => AsyncIterableIterator<Message>
  >();
  expectTypeOf<Echo['collect']>().toEqualTypeOf<
    (requests: Requests<Message>, options?: CallOptions) => Promise<Message>
  >();
  expectTypeOf<Echo['chat']>().toEqualTypeOf<
    (requests: Requests<Message>, options?: CallOptions) => AsyncIterableIterator<Message>
  >();
});

describe('a client stream', () => {
  it('resolves with the response', async () => {
    expect(await echo.collect(texts('a', 'b', 'c'))).toEqual({ text: 'a,b,c' });
    expect(await echo.collect([{ text: 'a' }])).toEqual({ text: 'a' });
  });

  it('rejects with the error of the server before all requests are sent', async () => {
    const endless = async function* (): AsyncGenerator<Message> {
      for (;;) {
        yield { text: 'fail' };
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    await expect(echo.collect(endless())).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it('rejects with the error of the iteration, and is cancelled', async () => {
    const failing = async function* (): AsyncGenerator<Message> {
      yield { text: 'a' };
      await new Promise((resolve) => setTimeout(resolve, 300));
      throw new Error('no more');
    };
    await expect(echo.collect(failing())).rejects.toThrow('no more');
    await vi.waitFor(() => expect(server.cancelled).toBe(1), waitOptions);
  });
});

describe('a bidirectional stream', () => {
  it('sends requests and iterates over the responses', async () => {
    expect(await collect(echo.chat(texts('a', 'b')))).toEqual(['a', 'b']);
  });

  it('sends the next request after a response', async () => {
    let next = (_text: string) => {};
    const requests = async function* (): AsyncGenerator<Message> {
      yield { text: '1' };
      while (true) yield { text: await new Promise<string>((resolve) => (next = resolve)) };
    };
    const received: string[] = [];
    for await (const { text } of echo.chat(requests())) {
      received.push(text);
      if (received.length === 3) break;
      await vi.waitFor(() => next(`${text}!`), waitOptions);
      next(`${text}!`);
    }
    expect(received).toEqual(['1', '1!', '1!!']);
    await vi.waitFor(() => expect(server.cancelled).toBe(1), waitOptions);
  });

  it('throws the error of the requests', async () => {
    const failing = async function* (): AsyncGenerator<Message> {
      yield { text: 'a' };
      throw new Error('no more');
    };
    await expect(collect(echo.chat(failing()))).rejects.toThrow('no more');
  });
});

describe('a server stream', () => {
  it('that has failed before the loop is entered yields its messages and throws its error', async () => {
    const responses = echo.watch({ text: 'fail' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const received: string[] = [];
    const iteration = async () => {
      for await (const { text } of responses) received.push(text);
    };
    await expect(iteration()).rejects.toMatchObject({ code: status.NOT_FOUND });
    expect(received).toEqual(['a']);
  });

  it('whose server dies before the loop is entered throws', async () => {
    const responses = echo.watch({ text: '' });
    await vi.waitFor(() => expect(server.deadlines.length).toBe(1), waitOptions);
    server.kill();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await expect(collect(responses)).rejects.toHaveProperty('code');
  });

  it('with a signal that has aborted already throws its reason, and does not crash the process', async () => {
    const reason = new Error('too late');
    const responses = echo.watch({ text: '' }, { signal: AbortSignal.abort(reason) });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(collect(responses)).rejects.toBe(reason);
  });

  it('is cancelled when the loop is left', async () => {
    for await (const { text } of echo.watch({ text: '' })) {
      expect(text).toBe('a');
      break;
    }
    await vi.waitFor(() => expect(server.cancelled).toBe(1), waitOptions);
  });

  it('passes the address that responded to onHeaders', async () => {
    const peers: string[] = [];
    await collect(echo.watch({ text: 'end' }, { onHeaders: (_, peer) => peers.push(peer) }));
    expect(peers).toEqual([`127.0.0.1:${server.instance.port}`]);
  });
});

describe('a call whose signal times out', () => {
  it('rejects with the reason of the signal, a TimeoutError', async () => {
    server.behavior = 'hang';
    await expect(echo.get({ text: '' }, { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('keeps the error of the server if that came first', async () => {
    const controller = new AbortController();
    const failed = collect(echo.watch({ text: 'fail' }, { signal: controller.signal }));
    await expect(failed).rejects.toMatchObject({ code: status.NOT_FOUND });
    controller.abort();
  });
});

it('a failed call names the instance that it was sent to, also without headers', async () => {
  server.behavior = 'hang';
  const failing = echo.add({ text: '' });
  await vi.waitFor(() => expect(server.calls).toBe(1), waitOptions);
  server.kill();
  await expect(failing).rejects.toMatchObject({ peer: `127.0.0.1:${server.instance.port}` });
});

it('calls leave the metadata of their caller as it is, and share nothing through it', async () => {
  const addHeader: Interceptor = (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(headers, listener, next) {
        headers.set('x-added', 'yes');
        next(headers, listener);
      },
    });
  const metadata = new Metadata();
  metadata.set('authorization', 'token');
  for (const each of [client(), client([addHeader])]) {
    await each.get({ text: '' }, { metadata });
    await each.get({ text: '' }, { metadata });
  }
  expect(metadata.getMap()).toEqual({ authorization: 'token' });
  const headers = server.metadata.map((received) => Object.keys(received.getMap()).toSorted());
  // Nothing that differs from call to call.
  expect(headers[0]).toEqual(['authorization', 'user-agent']);
  expect(headers[1]).toEqual(headers[0]);
});

describe('timeoutMs', () => {
  it('ends a call after that time', async () => {
    server.behavior = 'hang';
    const calls = [
      echo.get({ text: '' }, { timeoutMs: 100 }),
      echo.add({ text: '' }, { timeoutMs: 100, deadline: Date.now() + 60_000 }),
      echo.add({ text: '' }, { timeoutMs: 60_000, deadline: Date.now() + 100 }),
      collect(echo.watch({ text: '' }, { timeoutMs: 100 })),
    ];
    // In no order.
    await Promise.all(
      calls.map((call) => expect(call).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED })),
    );
  });

  it.each([0, -5])('of %d fails the call with DEADLINE_EXCEEDED', async (timeoutMs) => {
    await expect(echo.get({ text: '' }, { timeoutMs })).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
  });

  it.each([NaN, Infinity])('of %d is rejected', async (timeoutMs) => {
    const error = `INVALID_OPTION: invalid timeoutMs ${timeoutMs}: use a number of ms`;
    await expect(echo.get({ text: '' }, { timeoutMs })).rejects.toThrow(error);
    await expect(echo.collect([], { timeoutMs })).rejects.toThrow(error);
    expect(() => echo.watch({ text: '' }, { timeoutMs })).toThrow(error);
    expect(() => echo.chat([], { timeoutMs })).toThrow(error);
  });
});

it('credentials of a call add their metadata to each of its attempts', async () => {
  server.behavior = 'fail';
  let tokens = 0;
  const token = credentials.createFromMetadataGenerator((_, callback) => {
    const metadata = new Metadata();
    metadata.set('authorization', `token ${++tokens}`);
    callback(null, metadata);
  });
  await expect(echo.get({ text: '' }, { credentials: token })).rejects.toMatchObject({
    details: 'overloaded',
  });
  expect(server.metadata.map((metadata) => metadata.get('authorization'))).toEqual(
    Array.from({ length: 5 }, (_, index) => [`token ${index + 1}`]),
  );
  await expect(echo.add({ text: '' })).rejects.toMatchObject({ details: 'overloaded' });
  expect(server.metadata.at(-1)!.get('authorization')).toEqual([]);
});

describe('onTrailers', () => {
  const trailers: [unknown, string | undefined][] = [];
  const onTrailers: CallOptions['onTrailers'] = (metadata, peer) =>
    void trailers.push([metadata.get('x-trailer')[0], peer]);
  beforeEach(() => void trailers.splice(0));

  it('gets the trailers of each kind of call, and the address of the instance', async () => {
    await echo.get({ text: '' }, { onTrailers });
    await echo.add({ text: '' }, { onTrailers });
    await echo.collect([], { onTrailers });
    await collect(echo.watch({ text: 'end' }, { onTrailers }));
    await collect(echo.chat([], { onTrailers }));
    const peer = `127.0.0.1:${server.instance.port}`;
    expect(trailers).toEqual(Array.from({ length: 5 }, () => ['a', peer]));
  });

  it('gets those of an error, once for all attempts', async () => {
    server.behavior = 'fail';
    server.pushback = '-1';
    let pushback: unknown;
    const failing = echo.get(
      { text: '' },
      { onTrailers: (metadata) => (pushback = metadata.get('grpc-retry-pushback-ms')) },
    );
    await expect(failing).rejects.toMatchObject({ peer: `127.0.0.1:${server.instance.port}` });
    expect(pushback).toEqual(['-1']);
    server.pushback = undefined;
    await expect(echo.get({ text: '' }, { onTrailers })).rejects.toMatchObject({ details: 'overloaded' });
    expect(trailers).toHaveLength(1);
  });

  it('gets no address of a call that was not sent', async () => {
    const unsent = echo.get({ text: '' }, { onTrailers, timeoutMs: 0 });
    await expect(unsent).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(trailers).toEqual([[undefined, undefined]]);
  });
});

it.each(['onHeaders', 'onTrailers'] as const)('%s that throws fails its call', async (name) => {
  const options = {
    [name]() {
      throw new Error('broken');
    },
  };
  await expect(echo.get({ text: '' }, options)).rejects.toThrow('broken');
  await expect(echo.collect([], options)).rejects.toThrow('broken');
  await expect(collect(echo.watch({ text: 'end' }, options))).rejects.toThrow('broken');
  await expect(collect(echo.chat(texts('a'), options))).rejects.toThrow('broken');
  expect(await echo.get({ text: '' })).toEqual({ text: 'a' });
});
