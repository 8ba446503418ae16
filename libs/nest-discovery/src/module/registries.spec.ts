import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { sendUnaryData, Server } from '@grpc/grpc-js';
import type { DynamicModule } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Registry } from '@rollcall/discovery';
import type { GrpcClient } from '@rollcall/discovery/grpc';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getGrpcClientToken } from '../clients/inject-grpc-client.js';
import { type EchoClient, echoContract, type Message, startEchoServer } from '../fixtures/echo.js';
import { InstanceRegistration } from '../registration/instance-registration.js';
import { getRegistryToken, InjectRegistry, REGISTRY } from './inject-registry.js';
import { ServiceDiscoveryModule } from './service-discovery.module.js';

class RegistryUser {
  constructor(
    @InjectRegistry() readonly unnamed: Registry,
    @InjectRegistry('eu') readonly eu: Registry,
  ) {}
}

let directory: string;
let module: TestingModule;
let servers: Server[];
let registry: Registry;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nest-discovery-'));
  servers = [];
  registry = new Registry(new MemoryRegistry().open());
});
afterEach(async () => {
  await module.close();
  for (const server of servers) server.forceShutdown();
  await registry.close();
  rmSync(directory, { recursive: true, force: true });
});

async function compile(...imports: DynamicModule[]): Promise<void> {
  module = await Test.createTestingModule({ imports, providers: [RegistryUser] }).compile();
}

async function registerServer(in_: Registry, name: string): Promise<void> {
  const { server, port } = await startEchoServer({
    Get: (_call: unknown, callback: sendUnaryData<Message>) => callback(null, { text: name }),
  });
  servers.push(server);
  await in_.register({ id: name, service: 'echo', host: '127.0.0.1', port, tags: [name] }).registered();
}

const clientOf = (name?: string) =>
  module.get<GrpcClient<EchoClient>>(getGrpcClientToken(echoContract, name), { strict: false });

describe('several registries in one application', () => {
  const urls = () => [`file://${directory}/a`, `file://${directory}/b`] as const;

  it('are injected by name, called by the clients and used by the registrations that name them, and closed', async () => {
    const [url, euUrl] = urls();
    await compile(
      ServiceDiscoveryModule.forRoot({ url }),
      ServiceDiscoveryModule.forRootAsync({ name: 'eu', useFactory: () => ({ url: euUrl }) }),
      ServiceDiscoveryModule.forClients([
        echoContract,
        { contract: echoContract, name: 'eu', registry: 'eu' },
      ]),
      ServiceDiscoveryModule.register({ service: 'front', registry: 'eu' }),
    );
    const { unnamed, eu } = module.get(RegistryUser);
    expect([unnamed.location, eu.location]).toEqual([url, euUrl]);
    await registerServer(unnamed, 'here');
    await registerServer(eu, 'there');
    expect(await clientOf().get({ text: '' })).toEqual({ text: 'here' });
    expect(await clientOf('eu').get({ text: '' })).toEqual({ text: 'there' });
    const registration = await module.get(InstanceRegistration, { strict: false }).register(1);
    expect(eu.registrations).toContain(registration);
    await module.close();
    expect([unnamed.closed, eu.closed]).toEqual([true, true]);
  });

  it('that have the same name fail the start', async () => {
    const [url, euUrl] = urls();
    await compile(
      ServiceDiscoveryModule.forRoot({ url }),
      ServiceDiscoveryModule.forRoot({ url: euUrl, name: 'eu' }),
    );
    const again = Test.createTestingModule({ imports: [ServiceDiscoveryModule.forRoot({ url: euUrl })] });
    await expect(again.compile()).rejects.toThrow(/^INVALID_OPTION: file:\/\/\/ is already registered/);
  });

  it('whose name is missing fail the start; the error tells it', async () => {
    const client = { contract: echoContract, registry: 'us' };
    await compile(
      ServiceDiscoveryModule.forRoot({ registry }),
      ServiceDiscoveryModule.forRoot({ registry, name: 'eu' }),
    );
    for (const user of [
      ServiceDiscoveryModule.forClients([client]),
      ServiceDiscoveryModule.register({ service: 'front', registry: 'us' }),
    ]) {
      const compiling = Test.createTestingModule({ imports: [user] }).compile();
      await expect(compiling).rejects.toThrow(/^INVALID_OPTION: no registry "us": .*forRoot\({ name: 'us'/);
    }
  });
});

describe('a registry that is given', () => {
  it('as an option is used, and stays open when the application closes', async () => {
    await compile(
      ServiceDiscoveryModule.forRoot({ registry }),
      ServiceDiscoveryModule.forRoot({ registry, name: 'eu' }),
      ServiceDiscoveryModule.forClients([echoContract]),
    );
    expect(module.get(REGISTRY)).toBe(registry);
    expect(module.get(getRegistryToken('eu'))).toBe(registry);
    await registerServer(registry, 'a');
    expect(await clientOf().get({ text: '' })).toEqual({ text: 'a' });
    await module.close();
    expect(registry.closed).toBe(false);
  });

  it('by a test, in place of REGISTRY alone, is used by the clients, and stays open', async () => {
    module = await Test.createTestingModule({
      imports: [
        ServiceDiscoveryModule.forRoot({ url: 'consul://127.0.0.1:1' }),
        ServiceDiscoveryModule.forClients([echoContract]),
      ],
    })
      .overrideProvider(REGISTRY)
      .useValue(registry)
      .compile();
    await registerServer(registry, 'a');
    expect(await clientOf().get({ text: '' })).toEqual({ text: 'a' });
    await module.close();
    expect(registry.closed).toBe(false);
  });

  it.each([
    [
      'with a url',
      () => ServiceDiscoveryModule.forRoot({ registry, url: 'file:///x' }),
      '"registry", not both',
    ],
    [
      'with a name from the factory',
      () => ServiceDiscoveryModule.forRootAsync({ useFactory: () => ({ registry, name: 'eu' }) }),
      'forRootAsync({ name, useFactory })',
    ],
  ])('%s fails the start', async (_, create, message) => {
    await compile(
      ServiceDiscoveryModule.forRoot({ registry, name: 'eu' }),
      ServiceDiscoveryModule.forRoot({ registry }),
    );
    const compiling = Test.createTestingModule({ imports: [create()] }).compile();
    await expect(compiling).rejects.toThrow(message);
  });
});
