import 'reflect-metadata';
import { Controller, Get, Inject, Module, ServiceUnavailableException } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Registry } from '@rollcall/discovery';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { REGISTRY } from '../module/inject-registry.js';
import { RegistrationHealthIndicator } from './index.js';

const instance = { id: 'a', service: 'goods', host: '127.0.0.1', port: 1 };

@Controller('health')
class HealthController {
  constructor(
    @Inject(RegistrationHealthIndicator) private readonly registrations: RegistrationHealthIndicator,
  ) {}

  @Get()
  check() {
    const details = this.registrations.isHealthy('registration', { graceMs: 50 });
    if (details.registration.status === 'down') throw new ServiceUnavailableException(details);
    return details;
  }
}

let memory: MemoryRegistry;
let registry: Registry;
let app: NestFastifyApplication;

beforeEach(async () => {
  memory = new MemoryRegistry();
  registry = new Registry(memory.open(), { backoff: { initialMs: 1, maxMs: 5 } });
  @Module({
    controllers: [HealthController],
    providers: [RegistrationHealthIndicator, { provide: REGISTRY, useValue: registry }],
  })
  class AppModule {}
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  await app.init();
});
afterEach(async () => {
  await app.close();
  await registry.close();
});

async function health() {
  const response = await app.inject({ method: 'GET', url: '/health' });
  const { registration } = response.json<ReturnType<RegistrationHealthIndicator['isHealthy']>>();
  return { code: response.statusCode, ...registration! };
}
const untilHealth = (expected: object) =>
  vi.waitFor(async () => expect(await health()).toMatchObject(expected), { timeout: 5_000 });

describe('RegistrationHealthIndicator', () => {
  it('is up if nothing was registered', async () => {
    expect(await health()).toEqual({ code: 200, status: 'up', instances: {} });
  });

  it('is up while the instance is registered or paused', async () => {
    const registration = registry.register(instance);
    await registration.registered();
    expect(await health()).toEqual({
      code: 200,
      status: 'up',
      instances: { a: { status: 'registered', since: registration.state.since.toISOString() } },
    });
    await registration.pause();
    expect(await health()).toMatchObject({ code: 200, status: 'up', instances: { a: { status: 'paused' } } });
  });

  it('is up during the grace after a loss, then down with status, time and reason, and up after re-registration', async () => {
    const registration = registry.register(instance);
    await registration.registered();
    memory.outage(true);
    await vi.waitFor(() => expect(registration.state.status).toBe('lost'));
    const since = registration.state.since.toISOString();
    const duringGrace = app.get(RegistrationHealthIndicator).isHealthy('registration');
    expect(duringGrace.registration).toMatchObject({
      status: 'up',
      instances: { a: { status: 'lost', since } },
    });
    const lastError = { code: 'REGISTRY_UNAVAILABLE', message: expect.stringContaining('unavailable') };
    await untilHealth({ code: 503, status: 'down', instances: { a: { status: 'lost', since, lastError } } });
    memory.outage(false);
    await untilHealth({ code: 200, status: 'up', instances: { a: { status: 'registered' } } });
  });

  it('is down if the instance is not registered within the grace', async () => {
    memory.outage(true);
    registry.register(instance);
    await untilHealth({ code: 503, status: 'down', instances: { a: { status: 'registering' } } });
  });

  it('rejects an invalid grace and echoes it', () => {
    const indicator = app.get(RegistrationHealthIndicator);
    expect(() => indicator.isHealthy('registration', { graceMs: -1 })).toThrow('graceMs -1');
  });
});
