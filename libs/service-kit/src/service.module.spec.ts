import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { InjectRegistry, type Registry } from '@rollcall/nest-discovery';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readConfig } from './config.js';
import { GracefulShutdown } from './lifecycle/graceful-shutdown.js';
import { serviceModule } from './service.module.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('app.close() drains, once, while everything is still open, and before any other hook', async () => {
  const happened: string[] = [];
  let registry: Registry | undefined;
  const drain = new GracefulShutdown(1_000, {
    markNotServing: (reason) => void happened.push(reason),
    deregister: async () => void happened.push('left'),
    async shutdown() {
      // A call that is in flight may still need another service.
      registry!.watch('another').close();
      happened.push('finished');
      return 'drained';
    },
  });

  @Module({})
  class ShopModule implements OnModuleDestroy {
    constructor(
      @InjectRegistry() opened: Registry,
      @Inject(GracefulShutdown) readonly injected: GracefulShutdown,
    ) {
      registry = opened;
    }

    onModuleDestroy(): void {
      happened.push(`destroyed, ${this.injected.started ? 'draining' : 'not draining'}`);
    }
  }

  const config = readConfig('shop', 0, { REGISTRY_URL: `file://${directory}` });
  const app = await NestFactory.create(serviceModule(ShopModule, config, drain), new FastifyAdapter(), {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  expect(drain.started).toBe(false);
  await app.close();
  await drain.run('once more');
  expect(happened).toEqual(['the application was closed', 'left', 'finished', 'destroyed, draining']);
  expect(() => registry!.watch('another')).toThrow(/^CLOSED/);
});
