import 'reflect-metadata';
import { once } from 'node:events';
import { Server, ServerCredentials, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { type GrpcClient, loadContract } from '@rollcall/discovery/grpc';
import { defer, type Observable } from 'rxjs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  echoAt,
  type EchoClient,
  echoContract,
  echoServer,
  freePort,
  type Message,
} from '../fixtures/echo.js';
import { toObservableClient } from '../clients/observable-client.js';
import { CallContextInterceptor } from './call-context.interceptor.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Asks the service behind it, at once or when it is subscribed to. */
@Controller()
class MiddleController {
  static behind: GrpcClient<EchoClient>;
  static ended = 0;

  @GrpcMethod('EchoService', 'Get')
  get(message: Message): Promise<Message> | Observable<Message> {
    const { behind } = MiddleController;
    if (message.text === 'lazily') return defer(() => toObservableClient(behind).get(message));
    return Promise.resolve().then(() => behind.get(message));
  }

  @GrpcMethod('EchoService', 'Watch')
  watch(message: Message): Observable<Message> {
    return toObservableClient(MiddleController.behind).watch(message);
  }
}

@Module({ controllers: [MiddleController] })
class MiddleModule {}

/** The service behind: silent. */
let behind: Server;
let calls: Pick<ServerUnaryCall<Message, Message>, 'getDeadline' | 'cancelled' | 'once'>[];
let middle: INestMicroservice;
let echo: GrpcClient<EchoClient>;

beforeEach(async () => {
  calls = [];
  behind = new Server();
  const hear = (call: (typeof calls)[number]) => void calls.push(call);
  behind.addService(loadContract(echoContract).Client.service, { Get: hear, Add: hear, Watch: hear });
  const behindPort = await new Promise<number>((resolve, reject) => {
    behind.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
  MiddleController.behind = echoAt(behindPort);
  const port = await freePort();
  const module = await Test.createTestingModule({ imports: [MiddleModule] }).compile();
  middle = module.createNestMicroservice({ ...echoServer(port), logger: false });
  middle.useGlobalInterceptors(new CallContextInterceptor());
  await middle.listen();
  echo = echoAt(port);
});
afterEach(async () => {
  echo.close();
  await middle.close();
  MiddleController.behind.close();
  behind.forceShutdown();
});

const untilCalled = async () => {
  await vi.waitFor(() => expect(calls).toHaveLength(1), { timeout: 10_000 });
  return calls[0]!;
};

it.each(['at once', 'lazily'])(
  'a call made %s for another one ends before it, and is cancelled with it',
  async (text) => {
    const over = new AbortController();
    const deadline = Date.now() + 60_000;
    const asking = echo.get({ text }, { deadline, signal: over.signal });
    const refused = asking.catch((error: unknown) => error);
    const call = await untilCalled();
    const left = Number(call.getDeadline()) - Date.now();
    // Not the five seconds of a call that is made for nobody.
    expect(left).toBeGreaterThan(20_000);
    expect(left).toBeLessThan(60_000);
    const cancelled = once(call as unknown as NodeJS.EventEmitter, 'cancelled');
    over.abort();
    expect(await refused).toMatchObject({ code: status.CANCELLED });
    await cancelled;
  },
);

it('a stream that is read for another one is cancelled with it', async () => {
  const watching = echo.watch({ text: '' }).on('error', () => {});
  const call = await untilCalled();
  const cancelled = once(call as unknown as NodeJS.EventEmitter, 'cancelled');
  watching.cancel();
  await cancelled;
});
