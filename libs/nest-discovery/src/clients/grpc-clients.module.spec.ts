import 'reflect-metadata';
import type { sendUnaryData, Server } from '@grpc/grpc-js';
import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Registry } from '@rollcall/discovery';
import { type GrpcClient, loadContract } from '@rollcall/discovery/grpc';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EchoClient, echoContract, type Message, startEchoServer } from '../fixtures/echo.js';
import { ServiceDiscoveryModule } from '../module/service-discovery.module.js';
import type { GrpcClientDefinition } from './grpc-client-definition.js';
import { getGrpcClientToken, InjectGrpcClient } from './inject-grpc-client.js';

@Injectable()
class EchoUser {
  constructor(
    @InjectGrpcClient(echoContract) readonly all: GrpcClient<EchoClient>,
    @InjectGrpcClient(echoContract, { name: 'canary' }) readonly canary: GrpcClient<EchoClient>,
  ) {}
}

@Injectable()
class Config {
  readonly version = '2';
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

let registry: Registry;
let servers: Server[];
let ports: Record<string, number>;
let module: TestingModule | undefined;

/** One instance of each version. */
beforeEach(async () => {
  registry = new Registry(new MemoryRegistry().open());
  servers = [];
  ports = {};
  for (const version of ['1', '2']) {
    const { server, port } = await startEchoServer({
      Get: (_call: unknown, callback: sendUnaryData<Message>) => callback(null, { text: version }),
    });
    servers.push(server);
    ports[version] = port;
    const instance = { id: `v${version}`, service: 'echo', host: '127.0.0.1', port, version };
    await registry.register(instance).registered();
  }
});
afterEach(async () => {
  await module?.close();
  module = undefined;
  for (const server of servers) server.forceShutdown();
  await registry.close();
});

async function start(clients: DynamicModule): Promise<EchoUser> {
  @Module({ imports: [clients], providers: [EchoUser] })
  class AppModule {}
  module = await Test.createTestingModule({
    imports: [AppModule, ServiceDiscoveryModule.forRoot({ registry })],
  }).compile();
  return module.get(EchoUser, { strict: false });
}

async function expectVersion(client: GrpcClient<EchoClient>, version: string): Promise<void> {
  for (let i = 0; i < 4; i++) expect(await client.get({ text: '' })).toEqual({ text: version });
}

describe('clients of one contract', () => {
  it.each<[string, () => Partial<GrpcClientDefinition>]>([
    ['a filter', () => ({ filter: { version: '2' } })],
    ['a target in the registry', () => ({ target: 'memory:///echo?version=2' })],
    ['a target of its own', () => ({ target: `ipv4:127.0.0.1:${ports['2']}` })],
  ])('are distinguished by name; one has %s', async (_, settings) => {
    const canary = { contract: echoContract, name: 'canary', ...settings() };
    const user = await start(ServiceDiscoveryModule.forClients([echoContract, canary]));
    await expectVersion(user.canary, '2');
    const versions = new Set<string>();
    while (versions.size < 2) versions.add((await user.all.get({ text: '' })).text);
  });

  it('have settings of their own, and defaults', async () => {
    const clients = [echoContract, { contract: echoContract, name: 'canary', defaultTimeoutMs: 20_000 }];
    const user = await start(ServiceDiscoveryModule.forClients(clients, { defaultTimeoutMs: 1 }));
    for (const server of servers) server.forceShutdown();
    await expect(user.all.get({ text: '' })).rejects.toThrow('DEADLINE_EXCEEDED');
    await expect(user.canary.get({ text: '' })).rejects.toThrow('UNAVAILABLE');
  });

  it('take their settings from factories', async () => {
    const clients = ServiceDiscoveryModule.forClientsAsync([
      { contract: echoContract, useFactory: () => ({ target: `ipv4:127.0.0.1:${ports['1']}` }) },
      {
        contract: echoContract,
        name: 'canary',
        imports: [ConfigModule],
        inject: [Config],
        useFactory: async ({ version }: Config) => ({ filter: { version } }),
      },
    ]);
    const { all, canary } = await start(clients);
    await expectVersion(all, '1');
    await expectVersion(canary, '2');
  });

  it('without a name are rejected', () => {
    expect(() => ServiceDiscoveryModule.forClients([echoContract, echoContract])).toThrow(
      'INVALID_OPTION: client echo.v1.EchoService is provided twice: give one of them a "name"',
    );
  });
});

it('a client of a generated stub names its service', async () => {
  const { Client } = loadContract(echoContract);
  const canary = { contract: Client, name: 'canary', service: 'echo', filter: { version: '2' } };
  const user = await start(ServiceDiscoveryModule.forClients([echoContract, canary]));
  await expectVersion(user.canary, '2');
  const nameless = ServiceDiscoveryModule.forClients([echoContract, { contract: Client, name: 'canary' }]);
  await expect(start(nameless)).rejects.toThrow(
    /^INVALID_OPTION: the generated stub of echo\.v1\.EchoService .*set "service"/,
  );
});

it('a client with a target of its own needs no registry', async () => {
  const client = { contract: echoContract, target: `ipv4:127.0.0.1:${ports['1']}` };
  module = await Test.createTestingModule({
    imports: [ServiceDiscoveryModule.forClients([client])],
  }).compile();
  await expectVersion(module.get(getGrpcClientToken(echoContract), { strict: false }), '1');
});

it('a target with a filter or a registry fails the start', async () => {
  const client = { contract: echoContract, target: 'memory:///echo', filter: { version: '2' } };
  const compiling = Test.createTestingModule({
    imports: [ServiceDiscoveryModule.forClients([client])],
  }).compile();
  await expect(compiling).rejects.toThrow(/^INVALID_OPTION: target "memory:\/\/\/echo" names the instances/);
});
