import {
  InterceptingCall,
  type Interceptor,
  ListenerBuilder,
  RequesterBuilder,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGrpcClient } from '../client/grpc-client.js';
import type { GrpcClient } from '../client/stub-types.js';
import { type EchoClient, echoContract, EchoServer } from '../fixtures/echo.js';

vi.setConfig({ testTimeout: 20_000 });

let server: EchoServer;
const clients: { close(): void }[] = [];
beforeEach(async () => {
  server = await EchoServer.start('a');
});
afterEach(() => {
  for (const each of clients.splice(0)) each.close();
  server.kill();
});

type Position = 'interceptors' | 'attemptInterceptors';

function client(position: Position, interceptor: Interceptor): GrpcClient<EchoClient> {
  const echo = createGrpcClient(echoContract, {
    target: `static:///127.0.0.1:${server.instance.port}`,
    [position]: [interceptor],
  });
  clients.push(echo);
  return echo;
}

type Fail = () => void;

const during =
  (build: (requester: RequesterBuilder, fail: Fail) => RequesterBuilder) =>
  (fail: Fail): Interceptor =>
  (options, nextCall) =>
    new InterceptingCall(nextCall(options), build(new RequesterBuilder(), fail).build());
const onResponse = (build: (listener: ListenerBuilder, fail: Fail) => ListenerBuilder) =>
  during((requester, fail) =>
    requester.withStart((metadata, _listener, next) =>
      next(metadata, build(new ListenerBuilder(), fail).build()),
    ),
  );

const interceptorsThatThrow: readonly [string, (fail: Fail) => Interceptor][] = [
  ['as it is called', (fail) => (options, nextCall) => (fail(), new InterceptingCall(nextCall(options)))],
  [
    'after it has made the call',
    (fail) => (options, nextCall) => {
      const call = new InterceptingCall(nextCall(options));
      fail();
      return call;
    },
  ],
  ['at the start', during((r, fail) => r.withStart((m, l, next) => (fail(), next(m, l))))],
  ['at the request', during((r, fail) => r.withSendMessage((m, next) => (fail(), next(m))))],
  ['at the end of requests', during((r, fail) => r.withHalfClose((next) => (fail(), next())))],
  ['at the headers', onResponse((l, fail) => l.withOnReceiveMetadata((m, next) => (fail(), next(m))))],
  ['at the response', onResponse((l, fail) => l.withOnReceiveMessage((m, next) => (fail(), next(m))))],
  ['at the status', onResponse((l, fail) => l.withOnReceiveStatus((s, next) => (fail(), next(s))))],
];

const broken = { code: status.INTERNAL, details: 'an interceptor has thrown: broken' };

describe.each<Position>(['interceptors', 'attemptInterceptors'])('one of %s that throws', (position) => {
  it.each(interceptorsThatThrow)('%s fails its call, and no other', async (_, create) => {
    let throwing = false;
    const echo = client(position, (options, nextCall) => {
      const fail = throwing
        ? () => {
            throw new Error('broken');
          }
        : () => {};
      return create(fail)(options, nextCall);
    });
    // Connects, so that the next calls do not wait.
    expect(await echo.get({ text: '' })).toEqual({ text: 'a' });
    const others = [echo.get({ text: '' }), echo.add({ text: '' })];
    throwing = true;
    const failing = [echo.get({ text: '' }), echo.add({ text: '' }), drain(echo.watch({ text: 'end' }))];
    throwing = false;
    for (const each of await Promise.allSettled(failing)) expect(each).toMatchObject({ reason: broken });
    expect(await Promise.all(others)).toEqual([{ text: 'a' }, { text: 'a' }]);
  });
});

async function drain(responses: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of responses);
}

it('an attempt interceptor that throws in a retry fails the call', async () => {
  server.behavior = 'fail';
  let attempts = 0;
  const throwInRetry: Interceptor = (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        attempts += 1;
        if (attempts > 1) throw new Error('broken');
        next(metadata, listener);
      },
    });
  await expect(client('attemptInterceptors', throwInRetry).get({ text: '' })).rejects.toMatchObject(broken);
  expect(attempts).toBe(2);
});

it('an interceptor may call on later, and learns of a cancelled call', async () => {
  server.behavior = 'hang';
  const statuses: StatusObject[] = [];
  const later = during((requester) =>
    requester.withStart((metadata, _listener, next) => {
      const listener = new ListenerBuilder()
        .withOnReceiveStatus((result, pass) => (statuses.push(result), pass(result)))
        .build();
      setImmediate(() => next(metadata, listener));
    }),
  );
  const abort = new AbortController();
  const call = client(
    'attemptInterceptors',
    later(() => {}),
  ).get({ text: '' }, { signal: abort.signal });
  await vi.waitFor(() => expect(server.calls).toBe(1));
  abort.abort();
  await expect(call).rejects.toBe(abort.signal.reason);
  expect(statuses).toMatchObject([{ code: status.CANCELLED }]);
});
