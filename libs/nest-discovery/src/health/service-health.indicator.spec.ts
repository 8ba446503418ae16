import 'reflect-metadata';
import type { Channel, sendUnaryData, Server } from '@grpc/grpc-js';
import { Module } from '@nestjs/common';
import { type ClientGrpc, ClientsModule } from '@nestjs/microservices';
import { Test, type TestingModule } from '@nestjs/testing';
import { Registry } from '@rollcall/discovery';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { discoveredClient } from '../clients/discovered-client.js';
import { echoContract, type Message, startEchoServer } from '../fixtures/echo.js';
import { ServiceDiscoveryModule } from '../module/service-discovery.module.js';
import { ServiceHealthIndicator, throwIfDown } from './index.js';

let memory: MemoryRegistry;
let registry: Registry;
let server: Server;
let module: TestingModule;
let indicator: ServiceHealthIndicator;

beforeEach(async () => {
  memory = new MemoryRegistry();
  registry = new Registry(memory.open());
  const started = await startEchoServer({
    Get: (_call: unknown, callback: sendUnaryData<Message>) => callback(null, { text: '' }),
  });
  ({ server } = started);
  const instance = { id: 'a', service: 'echo', host: '127.0.0.1', port: started.port };
  await registry.register(instance).registered();
  @Module({
    imports: [
      ServiceDiscoveryModule.forClients([{ contract: echoContract, name: 'eu', registry: 'eu' }]),
      ClientsModule.registerAsync([discoveredClient('ECHO', { ...echoContract, registry: 'eu' })]),
    ],
    providers: [ServiceHealthIndicator],
  })
  class HealthModule {}
  module = await Test.createTestingModule({
    imports: [ServiceDiscoveryModule.forRoot({ name: 'eu', registry }), HealthModule],
  }).compile();
  indicator = module.get(ServiceHealthIndicator, { strict: false });
});
afterEach(async () => {
  await module.close();
  server.forceShutdown();
  await registry.close();
});

const inEu = { registry: 'eu', name: 'eu' };
const untilHealth = (check: () => object, expected: object) =>
  vi.waitFor(() => expect(check()).toMatchObject({ echo: expected }), { timeout: 10_000 });

describe('ServiceHealthIndicator', () => {
  it('is up while an instance is connected, and down after the last one has died, although it is registered', async () => {
    const check = () => indicator.isHealthy('echo', echoContract, inEu);
    expect(check()).toMatchObject({ echo: { status: 'down', connected: false } });
    await untilHealth(check, { status: 'up', connected: true, registered: 1, source: 'live' });
    server.forceShutdown();
    await untilHealth(check, { status: 'down', connected: false, registered: 1 });
  });

  it('names the code of the error while the registry is unavailable', async () => {
    const check = () => indicator.isHealthy('echo', echoContract, inEu);
    await untilHealth(check, { status: 'up', registered: 1 });
    memory.outage(true);
    await untilHealth(check, { status: 'up', source: 'last-known-good', reason: 'REGISTRY_UNAVAILABLE' });
  });

  it("checks a channel of Nest's ClientsModule", async () => {
    const client = module.get<ClientGrpc>('ECHO', { strict: false });
    const channel = client.getClientByServiceName<{ getChannel(): Channel }>('EchoService').getChannel();
    const check = () => indicator.isHealthy('echo', echoContract, { registry: 'eu', channel });
    await untilHealth(check, { status: 'up' });
  });
});

describe('throwIfDown', () => {
  it('throws what terminus 10 recognizes, for a result that is down, and returns one that is up', () => {
    const down = { echo: { status: 'down', connected: false } } as const;
    expect(() => throwIfDown(down)).toThrow(
      expect.objectContaining({ isHealthCheckError: true, causes: down, message: 'echo is down' }) as Error,
    );
    const up = { echo: { status: 'up' } } as const;
    expect(throwIfDown(up)).toBe(up);
  });
});
