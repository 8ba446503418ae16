import 'reflect-metadata';
import { createServer } from 'node:net';
import { Controller, type DynamicModule, type INestApplicationContext, Logger } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { GrpcMethod } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { Registry } from '@rollcall/discovery';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { REGISTRY } from '../module/discovery.decorators.js';
import { ServiceDiscoveryModule } from '../module/service-discovery.module.js';
import { echoAt, echoServer, freePort, type Message } from '../fixtures/echo.js';
import { InstanceRegistration } from './instance-registration.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

@Controller()
class EchoController {
  @GrpcMethod('EchoService', 'Get')
  get(message: Message): Message {
    return message;
  }
}

let memory: MemoryRegistry;
let registry: Registry;
let port: number;
let app: INestApplicationContext | undefined;
beforeEach(async () => {
  memory = new MemoryRegistry();
  registry = new Registry(memory.open());
  port = await freePort();
});
afterEach(async () => {
  await app?.close();
  app = undefined;
  await registry.close();
});

const inRegistry = () => memory.instances('echo').filter(({ draining }) => !draining);
const untilRegistered = (instance: object) =>
  vi.waitFor(() => expect(inRegistry()).toMatchObject([instance]), { timeout: 10_000 });

function compile(registration: DynamicModule) {
  return Test.createTestingModule({
    imports: [ServiceDiscoveryModule.forRoot({}), registration],
    controllers: [EchoController],
  })
    .overrideProvider(REGISTRY)
    .useValue(registry)
    .compile();
}

async function microservice(registration: DynamicModule) {
  const service = (await compile(registration)).createNestMicroservice({
    ...echoServer(port),
    logger: false,
  });
  app = service;
  return service;
}

async function hybrid(registration: DynamicModule) {
  const module = await compile(registration);
  const application = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), {
    logger: false,
  });
  application.connectMicroservice(echoServer(port));
  app = application;
  return application;
}

/** What a caller finds at the address of each record as it goes: whoever is out of the registry has to answer yet. */
async function answersWhenItGoes(close: () => Promise<unknown>): Promise<unknown> {
  const client = echoAt(port);
  await client.get({ text: 'warm' });
  const watch = registry.watch('echo');
  await watch.ready();
  const answer = new Promise<unknown>((resolve) => {
    watch.onChange(({ instances }) => {
      if (instances.length === 0) resolve(client.get({ text: 'still here' }));
    });
  });
  try {
    const [answered] = await Promise.all([answer, close()]);
    return answered;
  } finally {
    client.close();
  }
}

describe('a pure microservice that registers itself', () => {
  it('is in the registry once it listens, and not before', async () => {
    const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo', port, zone: 'a' }));
    await service.init();
    expect(inRegistry()).toEqual([]);
    await service.listen();
    await untilRegistered({ service: 'echo', host: '127.0.0.1', port, protocol: 'grpc', zone: 'a' });
  });

  it('app.close() takes it out of the registry before its server stops', async () => {
    const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo', port }));
    await service.listen();
    await untilRegistered({ port });
    expect(await answersWhenItGoes(() => service.close())).toEqual({ text: 'still here' });
    expect(memory.instances('echo')).toEqual([]);
  });

  it('whose port is taken fails to start, and is not in the registry', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo', port }));
    await expect(service.listen()).rejects.toThrow('EADDRINUSE');
    other.close();
    expect(memory.instances('echo')).toEqual([]);
    expect(registry.registrations).toEqual([]);
  });

  it('may say itself that it listens, once, and where', async () => {
    const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo', id: 'echo-1' }));
    await service.listen();
    expect(registry.registrations).toEqual([]);
    const self = service.get(InstanceRegistration);
    const registration = await self.register(port);
    expect(await self.register(port)).toBe(registration);
    await untilRegistered({ id: 'echo-1', port });
    await self.deregister();
    expect(memory.instances('echo')).toEqual([]);
    expect(registration.state.status).toBe('closed');
  });

  it('takes its options from a factory, and its port from whoever knows it by then', async () => {
    const useFactory = () => ({ service: 'echo', port: () => port });
    const service = await microservice(ServiceDiscoveryModule.registerAsync({ useFactory }));
    await service.listen();
    await untilRegistered({ port });
  });
});

describe('a hybrid application that registers itself', () => {
  it.each(['before', 'after'] as const)(
    'is in the registry once its microservices have started, %s HTTP listens, and out of it before they stop',
    async (when) => {
      const application = await hybrid(ServiceDiscoveryModule.register({ service: 'echo', port }));
      if (when === 'after') await application.listen(0, '127.0.0.1');
      else await application.init();
      expect(inRegistry()).toEqual([]);
      await application.startAllMicroservices();
      await untilRegistered({ port, protocol: 'grpc' });
      if (when === 'before') await application.listen(0, '127.0.0.1');
      expect(await answersWhenItGoes(() => application.close())).toEqual({ text: 'still here' });
      expect(memory.instances('echo')).toEqual([]);
    },
  );

  it('an error after it was registered: app.close() leaves nothing behind', async () => {
    const application = await hybrid(ServiceDiscoveryModule.register({ service: 'echo', port }));
    await application.init();
    await application.startAllMicroservices();
    await untilRegistered({ port });
    await expect(application.listen(port, '127.0.0.1')).rejects.toThrow('EADDRINUSE');
    await application.close();
    expect(memory.instances('echo')).toEqual([]);
  });
});

describe('an HTTP application that registers itself', () => {
  it('is in the registry with the port its server listens on, and out of it when it is closed', async () => {
    const module = await compile(ServiceDiscoveryModule.register({ service: 'echo', protocol: 'http' }));
    const application = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), {
      logger: false,
    });
    app = application;
    await application.listen(0, '127.0.0.1');
    const { port: bound } = application.getHttpServer().address() as { port: number };
    await untilRegistered({ port: bound, protocol: 'http' });
    await application.close();
    expect(memory.instances('echo')).toEqual([]);
  });
});

describe('what cannot be meant fails the start', () => {
  it.each([
    ['a service name', { service: 'Echo_' }, /^INVALID_INSTANCE: invalid service "Echo_"/],
    ['an address', { service: 'echo', advertise: '0.0.0.0' }, /^NO_ADVERTISABLE_ADDRESS: 0\.0\.0\.0/],
  ])('%s', async (_, options, message) => {
    const service = await microservice(ServiceDiscoveryModule.register({ ...options, port }));
    await expect(service.listen()).rejects.toThrow(message);
    expect(registry.registrations).toEqual([]);
  });

  it('a port that none can be', async () => {
    const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo', port: () => 0 }));
    await expect(service.listen()).rejects.toThrow(/^INVALID_INSTANCE: invalid port 0/);
  });
});

it('who has left registers no more', async () => {
  const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo' }));
  await service.init();
  const self = service.get(InstanceRegistration);
  await self.deregister();
  await expect(self.register(port)).rejects.toThrow(/^CLOSED: echo/);
});

it('a server that never said that it listens is missed in the log', async () => {
  const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
  const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo' }));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await service.init();
  await vi.advanceTimersByTimeAsync(10_000);
  vi.useRealTimers();
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('echo has not been registered'));
  warn.mockRestore();
});
