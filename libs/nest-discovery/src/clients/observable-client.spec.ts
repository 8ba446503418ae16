import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import { type GrpcClient, loadContract } from '@rollcall/discovery/grpc';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { echoAt, type EchoClient, echoContract, type Message } from '../fixtures/echo.js';
import { toObservableClient, type ObservableClient } from './observable-client.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let server: Server;
let calls: number;
let cancelled: number;
let client: GrpcClient<EchoClient>;
let echo: ObservableClient<EchoClient>;

beforeEach(async () => {
  calls = cancelled = 0;
  const hear = (call: NodeJS.EventEmitter) => {
    calls += 1;
    call.once('cancelled', () => (cancelled += 1));
  };
  server = new Server();
  const answer = (call: ServerUnaryCall<Message, Message>, reply: sendUnaryData<Message>) => {
    hear(call);
    if (call.request.text === 'refuse') reply({ code: status.NOT_FOUND, details: 'no' });
    else if (call.request.text !== 'silence') reply(null, call.request);
  };
  server.addService(loadContract(echoContract).Client.service, {
    Get: answer,
    Add: answer,
    Watch(call: ServerWritableStream<Message, Message>) {
      hear(call);
      for (const text of ['a', 'b', 'c']) call.write({ text });
      if (call.request.text === 'end') call.end();
      if (call.request.text === 'refuse') call.emit('error', { code: status.NOT_FOUND, details: 'no' });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  client = echoAt(port);
  echo = toObservableClient(client);
});
afterEach(() => {
  client.close();
  server.forceShutdown();
});

const patient = { timeout: 10_000 };

it('each subscription is a call, and none is made without one', async () => {
  const answer = echo.get({ text: 'hello' });
  expect(calls).toBe(0);
  expect(await firstValueFrom(answer)).toEqual({ text: 'hello' });
  expect(await firstValueFrom(answer)).toEqual({ text: 'hello' });
  expect(calls).toBe(2);
});

it('a call that fails is an error, with its code', async () => {
  await expect(firstValueFrom(echo.get({ text: 'refuse' }))).rejects.toMatchObject({
    code: status.NOT_FOUND,
  });
  await expect(lastValueFrom(echo.watch({ text: 'refuse' }))).rejects.toMatchObject({
    code: status.NOT_FOUND,
  });
});

it('a stream comes message by message, and completes', async () => {
  const messages = await firstValueFrom(echo.watch({ text: 'end' }).pipe(toArray()));
  expect(messages.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
});

it('whoever unsubscribes from a call cancels it', async () => {
  const failed = vi.fn<() => void>();
  const subscription = echo.get({ text: 'silence' }).subscribe({ error: failed });
  await vi.waitFor(() => expect(calls).toBe(1), patient);
  subscription.unsubscribe();
  await vi.waitFor(() => expect(cancelled).toBe(1), patient);
  expect(failed).not.toHaveBeenCalled();
});

it('whoever has had enough of a stream cancels it', async () => {
  expect(await lastValueFrom(echo.watch({ text: 'go on' }).pipe(take(2)))).toEqual({ text: 'b' });
  await vi.waitFor(() => expect(cancelled).toBe(1), patient);
});
