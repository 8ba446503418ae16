import {
  ResponderBuilder,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerWritableStream,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { GracefulShutdown } from '../../shutdown/graceful-shutdown.js';
import { createGrpcClient } from '../client/grpc-client.js';
import { loadContract } from '../client/contract.js';
import { echoContract, type Message } from '../fixtures/echo.js';
import { type GrpcServingOptions, serveGracefully } from './serve-gracefully.js';

const waitOptions = { timeout: 20_000, interval: 5 };
const { service } = loadContract(echoContract).Client;
const unavailable = { code: status.UNAVAILABLE };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  vi.restoreAllMocks();
});

interface Setup {
  readonly handlers: UntypedServiceImplementation;
  readonly interceptors?: ServerInterceptor[];
  readonly options?: GrpcServingOptions;
  readonly prepare?: (server: Server) => void;
}

async function serve({ handlers, interceptors = [], options, prepare }: Setup) {
  const server = new Server({ interceptors });
  cleanups.push(() => server.forceShutdown());
  server.addService(service, handlers);
  prepare?.(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const client = createGrpcClient(echoContract, { target: `ipv4:127.0.0.1:${port}`, waitForReadyMs: 0 });
  cleanups.push(() => client.close());
  const shutdown = serveGracefully(server, [], { signals: false, ...options });
  return { server, client, shutdown };
}

const watchPath = '/echo.v1.EchoService/Watch';

/** Reads until the stream ends. */
async function read(stream: AsyncIterable<Message>, onMessage = () => {}): Promise<void> {
  for await (const _ of stream) onMessage();
}

async function untilInFlight(handler: { mock: { calls: unknown[] } }): Promise<void> {
  await vi.waitFor(() => expect(handler.mock.calls).not.toHaveLength(0), waitOptions);
}

async function forced(shutdown: GracefulShutdown): Promise<void> {
  shutdown.force();
  expect(await shutdown.close()).toBe('forced');
}

describe('a call that a shutdown ends', () => {
  it.each(['get', 'add', 'collect', 'chat', 'watch'] as const)(
    '%s: ends with UNAVAILABLE',
    async (method) => {
      const handler = vi.fn<() => void>();
      const handlers = { Get: handler, Add: handler, Collect: handler, Chat: handler, Watch: handler };
      const { client, shutdown } = await serve({ handlers });
      async function* requests() {
        yield { text: 'x' };
      }
      const calls = {
        get: () => client.get({ text: '' }),
        add: () => client.add({ text: '' }),
        collect: () => client.collect(requests()),
        chat: () => read(client.chat(requests())),
        watch: () => read(client.watch({ text: '' })),
      };
      const result = calls[method]().catch((error: unknown) => error);
      await untilInFlight(handler);
      await forced(shutdown);
      expect(await result).toMatchObject(unavailable);
    },
  );

  it('its handler is cancelled at once, and nothing of what it still sends breaks the status', async () => {
    const cancelled = vi.fn<() => void>();
    const { client, shutdown } = await serve({
      handlers: {
        Watch(call: ServerWritableStream<Message, Message>) {
          // More than fits into the connection: grpc-js can send the status only when it has been read.
          const write = () => {
            for (let i = 0; i < 100; i++) call.write({ text: 'x'.repeat(10_000) });
          };
          write();
          call.on('cancelled', () => {
            cancelled();
            write();
            call.end();
          });
        },
      },
      options: { longLivedStreams: [service['Watch']!] },
    });
    const onMessage = vi.fn<() => void>();
    const reading = read(client.watch({ text: '' }), onMessage);
    reading.catch(() => {});
    await untilInFlight(onMessage);
    const closing = shutdown.close();
    await expect(reading).rejects.toMatchObject(unavailable);
    expect(cancelled).toHaveBeenCalledOnce();
    expect(await closing).toBe('drained');
  });

  it("the server's own interceptors see the status, and are not replaced for other servers", async () => {
    const statuses: (status | null | undefined)[] = [];
    const interceptors: ServerInterceptor[] = [
      (_method, call) =>
        new ServerInterceptingCall(
          call,
          new ResponderBuilder()
            .withSendStatus((result, next) => {
              statuses.push(result.code);
              next(result);
            })
            .build(),
        ),
    ];
    const handler = vi.fn<() => void>();
    const { client, shutdown } = await serve({ handlers: { Add: handler }, interceptors });
    const result = client.add({ text: '' }).catch((error: unknown) => error);
    await untilInFlight(handler);
    await forced(shutdown);
    expect(await result).toMatchObject(unavailable);
    expect(statuses).toEqual([status.UNAVAILABLE]);
    expect(interceptors).toHaveLength(1);
  });
});

it('a long-lived stream that starts while the server drains ends, too', async () => {
  const add = vi.fn<(call: object, reply: (error: null, response: Message) => void) => void>();
  const { client, shutdown } = await serve({
    handlers: { Add: add, Watch() {} },
    options: { longLivedStreams: [watchPath] },
    prepare(server) {
      // As if its request had been on the way when GOAWAY was sent.
      vi.spyOn(server, 'tryShutdown').mockImplementation(() => {});
    },
  });
  const closing = shutdown.close();
  await expect(read(client.watch({ text: '' }))).rejects.toMatchObject(unavailable);
  await forced(shutdown);
  await closing;
});

it('health: NOT_SERVING for the server and each of its services', async () => {
  const setStatus = vi.fn<(name: string, status: string) => void>();
  const { shutdown } = await serve({ handlers: {}, options: { health: { setStatus } } });
  expect(setStatus).not.toHaveBeenCalled();
  await shutdown.close();
  expect(setStatus.mock.calls).toEqual([
    ['', 'NOT_SERVING'],
    ['echo.v1.EchoService', 'NOT_SERVING'],
  ]);
});

it('a version of grpc-js without the private members: a warning, calls in flight complete, streams end after the timeout', async () => {
  const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const watch = vi.fn<() => void>();
  const add = vi.fn<(call: object, reply: (error: null, response: Message) => void) => void>((_, reply) => {
    setTimeout(() => reply(null, { text: 'done' }), 200);
  });
  const { client, shutdown } = await serve({
    handlers: {
      Add: add,
      Watch: watch,
    },
    options: { drainTimeoutMs: 500, longLivedStreams: [watchPath] },
    prepare: (server) => void Object.defineProperty(server, 'interceptors', { get: () => new Set() }),
  });
  expect(warnings).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('cannot be tracked'));
  const stream = read(client.watch({ text: '' })).catch((error: unknown) => error);
  await untilInFlight(watch);
  const work = client.add({ text: '' });
  await untilInFlight(add);
  const closing = shutdown.close();
  expect(await work).toEqual({ text: 'done' });
  expect(await closing).toBe('forced');
  expect(await stream).toMatchObject({ code: expect.toBeOneOf([status.CANCELLED, status.UNAVAILABLE]) });
});

describe('invalid options', () => {
  it.each([
    [{ longLivedStreams: ['Watch'] }, '"Watch": use streaming methods'],
    [{ longLivedStreams: ['/echo.v1.EchoService/Get'] }, '"/echo.v1.EchoService/Get": use streaming methods'],
    [
      { longLivedStreams: ['/echo.v1.EchoService/Wach'] },
      '"/echo.v1.EchoService/Wach": use streaming methods',
    ],
    [{ drainTimeoutMs: -1 }, 'drainTimeoutMs -1'],
    [{ shutdownDelayMs: Number.NaN }, 'shutdownDelayMs NaN'],
  ])('%j', async (options, message) => {
    await expect(serve({ handlers: {}, options })).rejects.toThrow(
      `INVALID_OPTION: invalid ${message.startsWith('"') ? 'longLivedStreams ' : ''}${message}`,
    );
  });
});
