import 'reflect-metadata';
import { type sendUnaryData, Server, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { type DynamicModule, Inject, Injectable, Module } from '@nestjs/common';
import { type ClientGrpc, ClientProxyFactory, ClientsModule } from '@nestjs/microservices';
import { Test, type TestingModule } from '@nestjs/testing';
import { Registry } from '@rollcall/discovery';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import { firstValueFrom, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { echoContract, type Message, startEchoServer } from '../fixtures/echo.js';
import { REGISTRY } from '../module/inject-registry.js';
import { ServiceDiscoveryModule } from '../module/service-discovery.module.js';
import { discoveredClient } from './discovered-client.js';
import { discoveredGrpcOptions } from './discovered-grpc-options.js';

vi.setConfig({ testTimeout: 30_000 });

interface EchoService {
  get(request: Message): Observable<Message>;
  add(request: Message): Observable<Message>;
}

/** Nest connects in `getService`, which many applications call in the constructor. */
@Injectable()
class EchoUser {
  readonly echo: EchoService;

  constructor(@Inject('ECHO') client: ClientGrpc) {
    this.echo = client.getService('EchoService');
  }
}

interface Responder {
  readonly server: Server;
  readonly port: number;
  calls: number;
}

let registry: Registry;
let responders: Responder[];
let module: TestingModule | undefined;

/** A server that responds with its name; `fails` makes it answer each call with UNAVAILABLE. */
async function startResponder(name: string, fails = false): Promise<Responder> {
  const handle = (_call: ServerUnaryCall<Message, Message>, callback: sendUnaryData<Message>) => {
    responder.calls += 1;
    if (fails) callback({ code: status.UNAVAILABLE, details: name });
    else callback(null, { text: name });
  };
  const { server, port } = await startEchoServer({ Get: handle, Add: handle });
  const responder = { server, port, calls: 0 };
  responders.push(responder);
  await registry.register({ id: name, service: 'echo', host: '127.0.0.1', port }).registered();
  return responder;
}

beforeEach(() => {
  registry = new Registry(new MemoryRegistry().open());
  responders = [];
});
afterEach(async () => {
  await module?.close();
  module = undefined;
  for (const { server } of responders) server.forceShutdown();
  await registry.close();
});

async function start(...imports: DynamicModule[]): Promise<EchoService> {
  @Module({ imports, providers: [EchoUser] })
  class AppModule {}
  module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  return module.get(EchoUser, { strict: false }).echo;
}

const settings = { channel: { outlierDetection: false }, retry: { hedging: false } } as const;
const fromRegistry = () =>
  ClientsModule.registerAsync([discoveredClient('ECHO', { ...echoContract, ...settings })]);
const fromUrl = () =>
  ClientsModule.register([
    { name: 'ECHO', ...discoveredGrpcOptions({ url: 'memory:///echo', ...echoContract, ...settings }) },
  ]);
const forRoot = () => ServiceDiscoveryModule.forRoot({ registry });

describe.each([
  ['discoveredClient, before forRoot', () => [fromRegistry(), forRoot()]],
  ['discoveredClient, after forRoot', () => [forRoot(), fromRegistry()]],
  ['a url, before forRoot', () => [fromUrl(), forRoot()]],
  ['a url, after forRoot', () => [forRoot(), fromUrl()]],
])("a client of Nest's ClientsModule: %s", (_, imports) => {
  it('distributes its calls over the instances', async () => {
    await startResponder('a');
    await startResponder('b');
    const echo = await start(...imports());
    const names = new Set<string>();
    await vi.waitFor(
      async () => {
        names.add((await firstValueFrom(echo.get({ text: '' }))).text);
        expect([...names].toSorted()).toEqual(['a', 'b']);
      },
      { timeout: 10_000 },
    );
  });
});

describe("a client of Nest's ClientsModule", () => {
  it('retries idempotent methods, and no others', async () => {
    const failing = await startResponder('a', true);
    const healthy = await startResponder('b');
    const echo = await start(fromRegistry(), forRoot());
    while (healthy.calls < 5 || failing.calls < 2) {
      expect(await firstValueFrom(echo.get({ text: '' }))).toEqual({ text: 'b' });
    }
    const codes = new Set<unknown>();
    for (let i = 0; i < 10; i++) {
      codes.add(await firstValueFrom(echo.add({ text: '' })).catch(({ code }: { code: unknown }) => code));
    }
    expect(codes).toContain(status.UNAVAILABLE);
  });

  it('has a default timeout', async () => {
    const { server, port } = await startEchoServer({ Get: () => {} });
    responders.push({ server, port, calls: 0 });
    await registry.register({ id: 'a', service: 'echo', host: '127.0.0.1', port }).registered();
    const client = discoveredClient('ECHO', { ...echoContract, defaultTimeoutMs: 100 });
    const echo = await start(ClientsModule.registerAsync([client]), forRoot());
    await expect(firstValueFrom(echo.get({ text: '' }))).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
  });

  it('takes the registry that a test puts in place', async () => {
    await startResponder('a');
    @Module({
      imports: [fromRegistry(), ServiceDiscoveryModule.forRoot({ url: 'consul://127.0.0.1:1' })],
      providers: [EchoUser],
    })
    class AppModule {}
    module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(REGISTRY)
      .useValue(registry)
      .compile();
    const { echo } = module.get(EchoUser, { strict: false });
    expect(await firstValueFrom(echo.get({ text: '' }))).toEqual({ text: 'a' });
  });

  it('calls the instances that match its filter, in the registry that it names', async () => {
    await startResponder('a');
    const { server, port } = await startEchoServer({
      Get: (_: unknown, callback: sendUnaryData<Message>) => callback(null, { text: 'v2' }),
    });
    responders.push({ server, port, calls: 0 });
    const instance = { id: 'v2', service: 'echo', host: '127.0.0.1', port, tags: ['v2'] };
    await registry.register(instance).registered();
    const options = { ...echoContract, filter: { tags: ['v2'] }, registry: 'eu' };
    const echo = await start(
      ClientsModule.registerAsync([discoveredClient('ECHO', options)]),
      ServiceDiscoveryModule.forRoot({ name: 'eu', registry }),
    );
    for (let i = 0; i < 4; i++) expect(await firstValueFrom(echo.get({ text: '' }))).toEqual({ text: 'v2' });
  });

  it('without a registry fails the start; the error names what to import', async () => {
    await expect(start(fromRegistry())).rejects.toThrow(/^INVALID_OPTION: no registry: import .*forRoot/);
  });
});

it('discoveredGrpcOptions are options for ClientProxyFactory, too', async () => {
  await startResponder('a');
  const options = discoveredGrpcOptions({ url: 'memory:///echo', ...echoContract });
  const client = ClientProxyFactory.create(options) as unknown as ClientGrpc & { close(): void };
  await start(forRoot(), ClientsModule.register([{ name: 'ECHO', ...options }]));
  const echo = client.getService<EchoService>('EchoService');
  expect(await firstValueFrom(echo.get({ text: '' }))).toEqual({ text: 'a' });
  client.close();
});
