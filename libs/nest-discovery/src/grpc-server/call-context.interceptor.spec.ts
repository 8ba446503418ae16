import 'reflect-metadata';
import { once } from 'node:events';
import type { Server, ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import type { GrpcClient } from '@rollcall/discovery/grpc';
import { defer, type Observable } from 'rxjs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  createEchoClient,
  type EchoClient,
  echoServerOptions,
  freePort,
  type Message,
  startEchoServer,
} from '../fixtures/echo.js';
import { toObservableClient } from '../clients/observable-client.js';
import { CallContextInterceptor } from './call-context.interceptor.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Calls the upstream server at once, or on subscription. */
@Controller()
class ProxyController {
  static upstream: GrpcClient<EchoClient>;

  @GrpcMethod('EchoService', 'Get')
  get(message: Message): Promise<Message> | Observable<Message> {
    const { upstream } = ProxyController;
    if (message.text === 'lazily') return defer(() => toObservableClient(upstream).get(message));
    return Promise.resolve().then(() => upstream.get(message));
  }

  @GrpcMethod('EchoService', 'Watch')
  watch(message: Message): Observable<Message> {
    return toObservableClient(ProxyController.upstream).watch(message);
  }
}

@Module({ controllers: [ProxyController] })
class ProxyModule {}

/** Never responds. */
let upstream: Server;
let calls: Pick<ServerUnaryCall<Message, Message>, 'getDeadline' | 'cancelled' | 'once'>[];
let proxy: INestMicroservice;
let echo: GrpcClient<EchoClient>;

beforeEach(async () => {
  calls = [];
  const recordCall = (call: (typeof calls)[number]) => void calls.push(call);
  const started = await startEchoServer({ Get: recordCall, Add: recordCall, Watch: recordCall });
  upstream = started.server;
  ProxyController.upstream = createEchoClient(started.port);
  const port = await freePort();
  const module = await Test.createTestingModule({ imports: [ProxyModule] }).compile();
  proxy = module.createNestMicroservice({ ...echoServerOptions(port), logger: false });
  proxy.useGlobalInterceptors(new CallContextInterceptor());
  await proxy.listen();
  echo = createEchoClient(port);
});
afterEach(async () => {
  echo.close();
  await proxy.close();
  ProxyController.upstream.close();
  upstream.forceShutdown();
});

const untilCalled = async () => {
  await vi.waitFor(() => expect(calls).toHaveLength(1), { timeout: 10_000 });
  return calls[0]!;
};

it.each(['at once', 'lazily'])(
  'an outgoing call made %s gets the deadline and the cancellation of the incoming call',
  async (text) => {
    const cancellation = new AbortController();
    const deadline = Date.now() + 60_000;
    const response = echo.get({ text }, { deadline, signal: cancellation.signal });
    const error = response.catch((reason: unknown) => reason);
    const call = await untilCalled();
    const remainingMs = Number(call.getDeadline()) - Date.now();
    // More than the default timeout of a call without context, 5 s.
    expect(remainingMs).toBeGreaterThan(20_000);
    expect(remainingMs).toBeLessThan(60_000);
    const cancelled = once(call as unknown as NodeJS.EventEmitter, 'cancelled');
    cancellation.abort();
    expect(await error).toBe(cancellation.signal.reason);
    await cancelled;
  },
);

it('an outgoing stream is cancelled with the incoming stream', async () => {
  const stream = echo.watch({ text: '' });
  const call = await untilCalled();
  const cancelled = once(call as unknown as NodeJS.EventEmitter, 'cancelled');
  await stream.return!();
  await cancelled;
});
