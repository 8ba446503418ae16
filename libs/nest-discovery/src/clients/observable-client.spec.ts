import {
  type sendUnaryData,
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import type { GrpcClient } from '@rollcall/discovery/grpc';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { take, toArray } from 'rxjs/operators';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createEchoClient, type EchoClient, type Message, startEchoServer } from '../fixtures/echo.js';
import { toObservableClient, type ObservableClient } from './observable-client.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let server: Server;
let calls: number;
let cancelled: number;
let client: GrpcClient<EchoClient>;
let echo: ObservableClient<EchoClient>;

beforeEach(async () => {
  calls = cancelled = 0;
  const countCall = (call: NodeJS.EventEmitter) => {
    calls += 1;
    call.once('cancelled', () => (cancelled += 1));
  };
  const handleUnary = (call: ServerUnaryCall<Message, Message>, callback: sendUnaryData<Message>) => {
    countCall(call);
    if (call.request.text === 'fail') callback({ code: status.NOT_FOUND, details: 'no' });
    else if (call.request.text !== 'never') callback(null, call.request);
  };
  const started = await startEchoServer({
    Get: handleUnary,
    Add: handleUnary,
    Watch(call: ServerWritableStream<Message, Message>) {
      countCall(call);
      for (const text of ['a', 'b', 'c']) call.write({ text });
      if (call.request.text === 'end') call.end();
      if (call.request.text === 'fail') call.emit('error', { code: status.NOT_FOUND, details: 'no' });
    },
  });
  ({ server } = started);
  client = createEchoClient(started.port);
  echo = toObservableClient(client);
});
afterEach(() => {
  client.close();
  server.forceShutdown();
});

const waitOptions = { timeout: 10_000 };

it('each subscription starts a call', async () => {
  const response = echo.get({ text: 'hello' });
  expect(calls).toBe(0);
  expect(await firstValueFrom(response)).toEqual({ text: 'hello' });
  expect(await firstValueFrom(response)).toEqual({ text: 'hello' });
  expect(calls).toBe(2);
});

it('a failed call emits an error with its code', async () => {
  await expect(firstValueFrom(echo.get({ text: 'fail' }))).rejects.toMatchObject({
    code: status.NOT_FOUND,
  });
  await expect(lastValueFrom(echo.watch({ text: 'fail' }))).rejects.toMatchObject({
    code: status.NOT_FOUND,
  });
});

it('a stream emits each message, then completes', async () => {
  const messages = await firstValueFrom(echo.watch({ text: 'end' }).pipe(toArray()));
  expect(messages.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
});

it('unsubscribing cancels a call', async () => {
  const failed = vi.fn<() => void>();
  const subscription = echo.get({ text: 'never' }).subscribe({ error: failed });
  await vi.waitFor(() => expect(calls).toBe(1), waitOptions);
  subscription.unsubscribe();
  await vi.waitFor(() => expect(cancelled).toBe(1), waitOptions);
  expect(failed).not.toHaveBeenCalled();
});

it('unsubscribing cancels a stream', async () => {
  expect(await lastValueFrom(echo.watch({ text: 'go on' }).pipe(take(2)))).toEqual({ text: 'b' });
  await vi.waitFor(() => expect(cancelled).toBe(1), waitOptions);
});
