import 'reflect-metadata';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Get, type INestApplication } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { serveGracefully } from '@rollcall/discovery/http-server';
import { Registry } from '@rollcall/discovery';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { ServiceDiscoveryModule } from '../module/service-discovery.module.js';
import { REGISTRY } from '../module/inject-registry.js';
import { InstanceRegistration } from './instance-registration.js';

const handling = vi.fn<() => void>();

@Controller()
class SlowController {
  @Get()
  async get(): Promise<string> {
    handling();
    await delay(2_000);
    return 'done';
  }
}

let app: INestApplication | undefined;
afterEach(() => app?.close());

it('an HTTP application is deregistered, then completes its requests, then closes', async () => {
  const memory = new MemoryRegistry();
  const module = await Test.createTestingModule({
    imports: [
      ServiceDiscoveryModule.forRoot({}),
      ServiceDiscoveryModule.register({ service: 'web', protocol: 'http' }),
    ],
    controllers: [SlowController],
  })
    .overrideProvider(REGISTRY)
    .useValue(new Registry(memory.open()))
    .compile();
  app = module.createNestApplication(new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer();
  const shutdown = serveGracefully(server, app.get(InstanceRegistration), { signals: false });
  await vi.waitFor(() => expect(memory.instances('web')).toHaveLength(1), { timeout: 10_000 });

  const events: string[] = [];
  const { port } = server.address() as AddressInfo;
  const response = fetch(`http://127.0.0.1:${port}/`).then(async (received) =>
    events.push(await received.text()),
  );
  await vi.waitFor(() => expect(handling).toHaveBeenCalled(), { timeout: 10_000 });
  const closed = once(server, 'close').then(() => events.push('closed'));
  const deregistered = vi
    .waitFor(() => expect(memory.instances('web')).toEqual([]), { timeout: 10_000 })
    .then(() => events.push('deregistered'));
  expect(await shutdown.close()).toBe('drained');
  await Promise.all([response, closed, deregistered]);
  expect(events).toEqual(['deregistered', 'done', 'closed']);
});
