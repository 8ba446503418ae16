import 'reflect-metadata';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  loadPackageDefinition,
  ResponderBuilder,
  type ServerInterceptor,
  ServerCredentials,
  ServerInterceptingCall,
  type ServiceClientConstructor,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GrpcMethod, type MicroserviceOptions } from '@nestjs/microservices';
import { createGrpcClient, type GrpcContract } from '@rollcall/discovery/grpc';
import { NEVER, type Observable } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEchoClient, echoServerOptions, freePort, type Message } from '../fixtures/echo.js';
import { GracefulGrpcServer, type GracefulGrpcServerOptions } from './graceful-grpc-server.js';

const waiting = vi.fn<() => void>();

@Controller()
class EchoController {
  @GrpcMethod('EchoService', 'Get')
  get(message: Message): Message {
    return message;
  }

  @GrpcMethod('EchoService', 'Add')
  add(): Observable<Message> {
    waiting();
    return NEVER;
  }

  @GrpcMethod('ClockService', 'Now')
  now({ text }: Message): Message {
    return { text: `${text} o'clock` };
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

let app: INestMicroservice | undefined;
const clients: { close(): void }[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await app?.close();
  app = undefined;
  waiting.mockClear();
});

const { options: echoOptions } = echoServerOptions(0);
const clockProto = fileURLToPath(new URL('../fixtures/clock.proto', import.meta.url));

async function listen(options: Partial<GracefulGrpcServerOptions> = {}): Promise<GracefulGrpcServer> {
  const strategy = new GracefulGrpcServer({ ...echoOptions, ...options });
  app = await NestFactory.createMicroservice<MicroserviceOptions>(EchoModule, {
    strategy,
    logger: false,
    abortOnError: false,
  });
  await app.listen();
  return strategy;
}

function echoClient(server: GracefulGrpcServer) {
  const client = createEchoClient(server.port!);
  clients.push(client);
  return client;
}

describe('a graceful gRPC server', () => {
  it('gives its port, and serves several packages', async () => {
    const server = await listen({ package: ['echo.v1', 'clock.v1'], protoPath: ['echo.proto', clockProto] });
    expect(server.port).toBeGreaterThan(0);
    const contract: GrpcContract = {
      service: 'clock',
      package: 'clock.v1',
      grpcService: 'ClockService',
      protoPath: clockProto,
    };
    const clock = createGrpcClient(contract, { target: `ipv4:127.0.0.1:${server.port}` }) as unknown as {
      now(request: Message): Promise<Message>;
      close(): void;
    };
    clients.push(clock);
    expect(await clock.now({ text: '12' })).toEqual({ text: "12 o'clock" });
    expect(await echoClient(server).get({ text: 'x' })).toEqual({ text: 'x' });
  });

  it('takes interceptors, channel options, credentials and further services', async () => {
    const paths: string[] = [];
    const interceptor: ServerInterceptor = ({ path }, call) => {
      paths.push(path);
      return new ServerInterceptingCall(call, new ResponderBuilder().build());
    };
    const definition = loadSync(clockProto);
    const { clock } = loadPackageDefinition(definition) as unknown as {
      clock: { v1: { ClockService: ServiceClientConstructor } };
    };
    const server = await listen({
      interceptors: [interceptor],
      channelOptions: { 'grpc.max_receive_message_length': 100 },
      credentials: ServerCredentials.createInsecure(),
      onLoadPackageDefinition: (_, target) => target.addService(clock.v1.ClockService.service, {}),
    });
    const client = echoClient(server);
    expect(await client.get({ text: 'x' })).toEqual({ text: 'x' });
    await expect(client.get({ text: 'x'.repeat(200) })).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
    });
    expect(paths).toContain('/echo.v1.EchoService/Get');
  });

  it('app.close() ends calls in flight with UNAVAILABLE once drainTimeoutMs has passed', async () => {
    const onDraining = vi.fn<(reason: string) => void>();
    const server = await listen({ drainTimeoutMs: 100, onDraining });
    const result = echoClient(server)
      .add({ text: '' })
      .catch((error: unknown) => error);
    await vi.waitFor(() => expect(waiting).toHaveBeenCalled(), { timeout: 10_000 });
    await app!.close();
    expect(await result).toMatchObject({ code: status.UNAVAILABLE });
    expect(onDraining).toHaveBeenCalledExactlyOnceWith('the server was closed');
    expect(server.shutdown.started).toBe(true);
    expect(await server.shutdown.close()).toBe('forced');
  });

  it('its health is NOT_SERVING until it listens, then SERVING', async () => {
    const setStatus = vi.fn<(service: string, state: string) => void>();
    await listen({ health: { addToServer() {}, setStatus } });
    expect(setStatus.mock.calls).toEqual([
      ['', 'NOT_SERVING'],
      ['echo.v1.EchoService', 'NOT_SERVING'],
      ['', 'SERVING'],
      ['echo.v1.EchoService', 'SERVING'],
    ]);
  });
});

describe('the start fails', () => {
  it('if the port is taken', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    const url = `127.0.0.1:${port}`;
    await expect(listen({ url })).rejects.toThrow(new RegExp(`^cannot listen on ${url}: .*EADDRINUSE`, 's'));
    other.close();
  });

  it.each(['Watch', '/echo.v1.EchoService/Get', '/echo.v1.EchoService/Wach'])(
    'if longLivedStreams has "%s"',
    async (path) => {
      await expect(listen({ longLivedStreams: [path] })).rejects.toThrow(
        `invalid longLivedStreams "${path}"`,
      );
    },
  );
});
