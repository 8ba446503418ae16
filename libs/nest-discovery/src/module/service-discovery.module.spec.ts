import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import type { Registry } from '@rollcall/discovery';
import { firstValueFrom, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getGrpcClientToken, InjectGrpcClient, InjectRegistry, REGISTRY } from './discovery.decorators.js';
import { ServiceDiscoveryModule } from './service-discovery.module.js';

const contract = {
  service: 'echo',
  package: 'echo.v1',
  grpcService: 'EchoService',
  protoPath: 'echo.proto',
  includeDirs: [join(import.meta.dirname, '../../../discovery/src/grpc/fixtures')],
  loader: {},
};

@Injectable()
class Caller {
  constructor(
    @InjectGrpcClient(contract) readonly client: { close(): void; get: unknown },
    @InjectRegistry() readonly registry: Registry,
  ) {}
}

@Module({ imports: [ServiceDiscoveryModule.forClients([contract])], providers: [Caller] })
class CallingModule {}

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
  it('gives every module the registry and the clients it names', async () => {
    module = await Test.createTestingModule({
      imports: [ServiceDiscoveryModule.forRoot({ url: `file://${directory}` }), CallingModule],
    }).compile();
    const { client, registry } = module.get(Caller, { strict: false });
    expect(registry.location).toBe(`file://${directory}`);
    expect(typeof client.get).toBe('function');
  });

  it('takes its options from a factory', async () => {
    @Module({ providers: [{ provide: URL_TOKEN, useValue: `file://${directory}` }], exports: [URL_TOKEN] })
    class ConfigModule {}
    module = await Test.createTestingModule({
      imports: [
        ServiceDiscoveryModule.forRootAsync({
          imports: [ConfigModule],
          inject: [URL_TOKEN],
          useFactory: (url: string) => ({ url }),
        }),
        CallingModule,
      ],
    }).compile();
    expect(module.get<Registry>(REGISTRY).location).toBe(`file://${directory}`);
  });

  it('fails at boot for a URL that cannot be meant', async () => {
    const compiling = Test.createTestingModule({
      imports: [ServiceDiscoveryModule.forRoot({ url: 'zookeeper://h:1' })],
    }).compile();
    await expect(compiling).rejects.toThrow(/^INVALID_TARGET: .*"zookeeper"/);
  });

  it('lets a test put another client in the place of one', async () => {
    const fake = { close: () => {}, get: async () => ({ text: 'fake' }) };
    module = await Test.createTestingModule({
      imports: [ServiceDiscoveryModule.forRoot({ url: `file://${directory}` }), CallingModule],
    })
      .overrideProvider(getGrpcClientToken(contract))
      .useValue(fake)
      .compile();
    expect(module.get(Caller, { strict: false }).client).toBe(fake);
  });

  it('gives a client as observables, too, which follows the one that a test puts in its place', async () => {
    @Injectable()
    class Observer {
      constructor(
        @InjectGrpcClient(contract, { as: 'observable' })
        readonly client: { get(request: object): Observable<{ text: string }> },
      ) {}
    }
    @Module({ imports: [ServiceDiscoveryModule.forClients([contract])], providers: [Observer] })
    class ObservingModule {}
    module = await Test.createTestingModule({
      imports: [ServiceDiscoveryModule.forRoot({ url: `file://${directory}` }), ObservingModule],
    })
      .overrideProvider(getGrpcClientToken(contract))
      .useValue({ close: () => {}, get: async () => ({ text: 'fake' }) })
      .compile();
    const { client } = module.get(Observer, { strict: false });
    expect(await firstValueFrom(client.get({}))).toEqual({ text: 'fake' });
  });

  it('closes the registry with the application, after the drain', async () => {
    module = await Test.createTestingModule({
      imports: [ServiceDiscoveryModule.forRoot({ url: `file://${directory}` }), CallingModule],
    }).compile();
    const { registry } = module.get(Caller, { strict: false });
    await module.init();
    await module.close();
    module = undefined;
    expect(() => registry.watch('echo')).toThrow(/^CLOSED: /);
  });
});
