import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { openRegistry, type Registry } from '@rollcall/discovery';
import type { GrpcClient } from '@rollcall/discovery/grpc';
import { firstValueFrom, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getGrpcClientToken, InjectGrpcClient } from '../clients/inject-grpc-client.js';
import { type EchoClient, echoContract, type Message, startEchoServer } from '../fixtures/echo.js';
import { InstanceRegistration } from '../registration/instance-registration.js';
import { InjectRegistry, REGISTRY } from './inject-registry.js';
import { ServiceDiscoveryModule } from './service-discovery.module.js';

@Injectable()
class ClientUser {
  constructor(
    @InjectGrpcClient(echoContract) readonly client: { close(): void; get: unknown },
    @InjectRegistry() readonly registry: Registry,
  ) {}
}

@Module({ imports: [ServiceDiscoveryModule.forClients([echoContract])], providers: [ClientUser] })
class ClientModule {}

const URL_TOKEN = Symbol('url');

let directory: string;
let module: TestingModule | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nest-discovery-'));
});

afterEach(async () => {
  await module?.close();
  module = undefined;
  rmSync(directory, { recursive: true, force: true });
});

describe('ServiceDiscoveryModule', () => {
  it('provides the registry to every module, and clients to the modules that import them', async () => {
    module = await Test.createTestingModule({
      imports: [ServiceDiscoveryModule.forRoot({ url: `file://${directory}` }), ClientModule],
    }).compile();
    const { client, registry } = module.get(ClientUser, { strict: false });
    expect(registry.location).toBe(`file://${directory}`);
    expect(typeof client.get).toBe('function');
  });

  it('a registry that is not global is visible to the modules that import it, with clients and a registration', async () => {
    const discovery = ServiceDiscoveryModule.forRoot({ url: `file://${directory}`, isGlobal: false });
    @Module({
      imports: [
        discovery,
        ServiceDiscoveryModule.forClients([echoContract], { imports: [discovery] }),
        ServiceDiscoveryModule.register({
          service: 'echo',
          advertiseAddress: '127.0.0.1',
          imports: [discovery],
        }),
      ],
      providers: [ClientUser],
    })
    class ShopModule {}
    module = await Test.createTestingModule({ imports: [ShopModule] }).compile();
    const { client, registry } = module.get(ClientUser, { strict: false });
    expect(typeof client.get).toBe('function');
    const registration = await module.get(InstanceRegistration, { strict: false }).register(1);
    expect(registry.registrations).toEqual([registration]);
  });

  it.each([
    ['clients', () => ServiceDiscoveryModule.forClients([echoContract]), 'forClients'],
    ['a registration', () => ServiceDiscoveryModule.register({ service: 'echo' }), 'register'],
  ])(
    '%s without a visible registry fail the start; the error names what to import',
    async (_, create, call) => {
      const compiling = Test.createTestingModule({ imports: [create()] }).compile();
      await expect(compiling).rejects.toThrow(
        new RegExp(`^INVALID_OPTION: no registry: .*${call}\\(.*imports`),
      );
    },
  );

  it('forRootAsync takes the options from a factory', async () => {
    @Module({ providers: [{ provide: URL_TOKEN, useValue: `file://${directory}` }], exports: [URL_TOKEN] })
    class ConfigModule {}
    module = await Test.createTestingModule({
      imports: [
        ServiceDiscoveryModule.forRootAsync({
          imports: [ConfigModule],
          inject: [URL_TOKEN],
          useFactory: (url: string) => ({ url }),
        }),
        ClientModule,
      ],
    }).compile();
    expect(module.get<Registry>(REGISTRY).location).toBe(`file://${directory}`);
  });

  it('an invalid URL fails the start', async () => {
    const compiling = Test.createTestingModule({
      imports: [ServiceDiscoveryModule.forRoot({ url: 'zookeeper://h:1' })],
    }).compile();
    await expect(compiling).rejects.toThrow(/^INVALID_TARGET: .*"zookeeper"/);
  });

  it('a test can override a client', async () => {
    const fake = { close: () => {}, get: async () => ({ text: 'fake' }) };
    module = await Test.createTestingModule({
      imports: [ServiceDiscoveryModule.forRoot({ url: `file://${directory}` }), ClientModule],
    })
      .overrideProvider(getGrpcClientToken(echoContract))
      .useValue(fake)
      .compile();
    expect(module.get(ClientUser, { strict: false }).client).toBe(fake);
  });

  it('an observable client wraps the client that a test overrides', async () => {
    @Injectable()
    class ObservableUser {
      constructor(
        @InjectGrpcClient(echoContract, { as: 'observable' })
        readonly client: { get(request: object): Observable<{ text: string }> },
      ) {}
    }
    @Module({ imports: [ServiceDiscoveryModule.forClients([echoContract])], providers: [ObservableUser] })
    class ObservableModule {}
    module = await Test.createTestingModule({
      imports: [ServiceDiscoveryModule.forRoot({ url: `file://${directory}` }), ObservableModule],
    })
      .overrideProvider(getGrpcClientToken(echoContract))
      .useValue({ close: () => {}, get: async () => ({ text: 'fake' }) })
      .compile();
    const { client } = module.get(ObservableUser, { strict: false });
    expect(await firstValueFrom(client.get({}))).toEqual({ text: 'fake' });
  });

  describe('two applications in one process', () => {
    const start = async (url: string, name?: string) => {
      const named = name === undefined ? {} : { name };
      const inRegistry = name === undefined ? {} : { registry: name };
      const app = await Test.createTestingModule({
        imports: [
          ServiceDiscoveryModule.forRoot({ url, ...named }),
          ServiceDiscoveryModule.forClients([{ contract: echoContract, ...named, ...inRegistry }]),
        ],
      }).compile();
      await app.init();
      const token = getGrpcClientToken(echoContract, name);
      return { app, echo: app.get<GrpcClient<EchoClient>>(token, { strict: false }) };
    };

    it('on the same URL: the other one goes on when one is closed, and one may be started again', async () => {
      const echoServer = await startEchoServer({
        Get: (call: ServerUnaryCall<Message, Message>, callback: sendUnaryData<Message>) =>
          callback(null, call.request),
      });
      const url = `file://${directory}`;
      const [one, other] = [await start(url), await start(url)];
      const registry = await openRegistry(url);
      registry.register({ id: 'a', service: 'echo', host: '127.0.0.1', port: echoServer.port });
      for (const { echo } of [one, other]) expect(await echo.get({ text: 'x' })).toEqual({ text: 'x' });
      await other.app.close();
      expect(await one.echo.get({ text: 'x' })).toEqual({ text: 'x' });
      const again = await start(url);
      await one.app.close();
      expect(await again.echo.get({ text: 'x' })).toEqual({ text: 'x' });
      await again.app.close();
      await registry.close();
      echoServer.server.forceShutdown();
    });

    it('on different URLs need a name', async () => {
      const url = `file://${directory}`;
      const one = await start(url);
      await expect(start(`${url}/other`)).rejects.toThrow(/^INVALID_OPTION: .*use another name/);
      const other = await start(`${url}/other`, 'other');
      await other.app.close();
      await one.app.close();
      // A closed application leaves nothing behind.
      const next = await start(`${url}/other`);
      await next.app.close();
    });
  });

  it('closes the registry with the application', async () => {
    module = await Test.createTestingModule({
      imports: [ServiceDiscoveryModule.forRoot({ url: `file://${directory}` }), ClientModule],
    }).compile();
    const { registry } = module.get(ClientUser, { strict: false });
    await module.init();
    await module.close();
    module = undefined;
    expect(() => registry.watch('echo')).toThrow(/^CLOSED: /);
  });
});
