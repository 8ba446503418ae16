import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { GracefulShutdown } from '@rollcall/discovery';
import { InjectRegistry, type Registry } from '@rollcall/nest-discovery';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readConfig } from './config.js';
import { serviceModule } from './service.module.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('app.close() runs the shutdown once, before any other hook and while the registry is open', async () => {
  const events: string[] = [];
  let registry: Registry | undefined;
  const shutdown = new GracefulShutdown({
    markNotServing: (reason) => void events.push(reason),
    deregister: async () => void events.push('deregistered'),
    async drain() {
      // A call in flight may need another service.
      registry!.watch('another').close();
      events.push('drained');
      return 'drained';
    },
  });

  @Module({})
  class ShopModule implements OnModuleDestroy {
    constructor(
      @InjectRegistry() injectedRegistry: Registry,
      @Inject(GracefulShutdown) readonly injected: GracefulShutdown,
    ) {
      registry = injectedRegistry;
    }

    onModuleDestroy(): void {
      events.push(`destroyed, ${this.injected.started ? 'draining' : 'not draining'}`);
    }
  }

  const config = readConfig('shop', 0, { REGISTRY_URL: `file://${directory}` });
  const app = await NestFactory.create(serviceModule(ShopModule, config, shutdown), new FastifyAdapter(), {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  expect(shutdown.started).toBe(false);
  await app.close();
  await shutdown.close('again');
  expect(events).toEqual(['the application was closed', 'deregistered', 'drained', 'destroyed, draining']);
  expect(() => registry!.watch('another')).toThrow(/^CLOSED/);
});
