import 'reflect-metadata';
import { createServer } from 'node:net';
import { Controller, type DynamicModule, type INestApplicationContext, Logger } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { GrpcMethod } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { Registry } from '@rollcall/discovery';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { REGISTRY } from '../module/inject-registry.js';
import { ServiceDiscoveryModule } from '../module/service-discovery.module.js';
import { createEchoClient, echoServerOptions, freePort, type Message } from '../fixtures/echo.js';
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
    ...echoServerOptions(port),
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
  application.connectMicroservice(echoServerOptions(port));
  app = application;
  return application;
}

/** Calls the server when the instance leaves the registry: it must still respond then. */
async function responseAfterDeregistration(close: () => Promise<unknown>): Promise<unknown> {
  const client = createEchoClient(port);
  await client.get({ text: 'warm' });
  const watch = registry.watch('echo');
  await watch.ready();
  const response = new Promise<unknown>((resolve) => {
    watch.onChange(({ instances }) => {
      if (instances.length === 0) resolve(client.get({ text: 'still serving' }));
    });
  });
  try {
    const [result] = await Promise.all([response, close()]);
    return result;
  } finally {
    client.close();
  }
}

describe('a registered pure microservice', () => {
  it('is registered once it listens, and not before', async () => {
    const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo', port, zone: 'a' }));
    await service.init();
    expect(inRegistry()).toEqual([]);
    await service.listen();
    await untilRegistered({ service: 'echo', host: '127.0.0.1', port, protocol: 'grpc', zone: 'a' });
  });

  it('app.close() deregisters it before its server closes', async () => {
    const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo', port }));
    await service.listen();
    await untilRegistered({ port });
    expect(await responseAfterDeregistration(() => service.close())).toEqual({ text: 'still serving' });
    expect(memory.instances('echo')).toEqual([]);
  });

  it('fails to start without being registered if its port is taken', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo', port }));
    await expect(service.listen()).rejects.toThrow('EADDRINUSE');
    other.close();
    expect(memory.instances('echo')).toEqual([]);
    expect(registry.registrations).toEqual([]);
  });

  it('can be registered explicitly, once', async () => {
    const service = await microservice(
      ServiceDiscoveryModule.register({ service: 'echo', id: 'echo-1', autoRegister: false }),
    );
    await service.listen();
    expect(registry.registrations).toEqual([]);
    const instanceRegistration = service.get(InstanceRegistration);
    const registration = await instanceRegistration.register(port);
    expect(await instanceRegistration.register(port)).toBe(registration);
    await untilRegistered({ id: 'echo-1', port });
    await instanceRegistration.deregister();
    expect(memory.instances('echo')).toEqual([]);
    expect(registration.state.status).toBe('closed');
  });

  it('needs no port: it is that of its url', async () => {
    const log = vi.spyOn(Logger.prototype, 'log').mockImplementation(() => {});
    const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo', id: 'echo-1' }));
    await service.listen();
    await untilRegistered({ port, host: '127.0.0.1' });
    await vi.waitFor(() =>
      expect(log).toHaveBeenCalledWith(`echo-1 is registered at 127.0.0.1:${port} in memory://`),
    );
    log.mockRestore();
  });

  it('can be registered in a registry with a name', async () => {
    const module = await Test.createTestingModule({
      imports: [
        ServiceDiscoveryModule.forRoot({ name: 'eu', registry }),
        ServiceDiscoveryModule.register({ service: 'echo', registry: 'eu' }),
      ],
      controllers: [EchoController],
    }).compile();
    const service = module.createNestMicroservice({ ...echoServerOptions(port), logger: false });
    app = service;
    await service.listen();
    await untilRegistered({ port });
  });

  it('registerAsync takes the options from a factory, and the port from a function', async () => {
    const useFactory = () => ({ service: 'echo', port: () => port });
    const service = await microservice(ServiceDiscoveryModule.registerAsync({ useFactory }));
    await service.listen();
    await untilRegistered({ port });
  });
});

describe('a registered hybrid application', () => {
  it.each(['before', 'after'] as const)(
    'is registered once its microservices have started, %s HTTP listens, and deregistered before they close',
    async (when) => {
      const application = await hybrid(ServiceDiscoveryModule.register({ service: 'echo', port }));
      if (when === 'after') await application.listen(0, '127.0.0.1');
      else await application.init();
      expect(inRegistry()).toEqual([]);
      await application.startAllMicroservices();
      await untilRegistered({ port, protocol: 'grpc' });
      if (when === 'before') await application.listen(0, '127.0.0.1');
      expect(await responseAfterDeregistration(() => application.close())).toEqual({ text: 'still serving' });
      expect(memory.instances('echo')).toEqual([]);
    },
  );

  it('app.close() deregisters it after an error that followed the registration', async () => {
    const application = await hybrid(ServiceDiscoveryModule.register({ service: 'echo', port }));
    await application.init();
    await application.startAllMicroservices();
    await untilRegistered({ port });
    await expect(application.listen(port, '127.0.0.1')).rejects.toThrow('EADDRINUSE');
    await application.close();
    expect(memory.instances('echo')).toEqual([]);
  });
});

describe('a registered HTTP application', () => {
  it('is registered with the port its server listens on, and deregistered by app.close()', async () => {
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

describe('invalid options fail the start', () => {
  it.each([
    ['a service name', { service: 'Echo_' }, /^INVALID_INSTANCE: invalid service "Echo_"/],
    ['an address', { service: 'echo', advertiseAddress: '0.0.0.0' }, /^NO_ADVERTISABLE_ADDRESS: 0\.0\.0\.0/],
  ])('%s', async (_, options, message) => {
    const service = await microservice(ServiceDiscoveryModule.register({ ...options, port }));
    await expect(service.listen()).rejects.toThrow(message);
    expect(registry.registrations).toEqual([]);
  });

  it('an invalid port', async () => {
    const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo', port: () => 0 }));
    await expect(service.listen()).rejects.toThrow(/^INVALID_INSTANCE: invalid port 0/);
  });
});

it('registering after deregistering fails', async () => {
  const service = await microservice(ServiceDiscoveryModule.register({ service: 'echo' }));
  await service.init();
  const instanceRegistration = service.get(InstanceRegistration);
  await instanceRegistration.deregister();
  await expect(instanceRegistration.register(port)).rejects.toThrow(/^CLOSED: echo/);
});

it('logs a warning if register() is never called', async () => {
  const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
  const service = await microservice(
    ServiceDiscoveryModule.register({ service: 'echo', autoRegister: false }),
  );
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await service.init();
  await vi.advanceTimersByTimeAsync(10_000);
  vi.useRealTimers();
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('echo is not registered'));
  warn.mockRestore();
});
