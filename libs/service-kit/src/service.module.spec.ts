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
import { Drain } from './drain.js';
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
  const drain = new Drain(1_000, {
    refuse: (reason) => void happened.push(reason),
    leave: async () => void happened.push('left'),
    async finish() {
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
      @Inject(Drain) readonly injected: Drain,
    ) {
      registry = opened;
    }

    onModuleDestroy(): void {
      happened.push(`destroyed, ${this.injected.begun ? 'draining' : 'not draining'}`);
    }
  }

  const config = readConfig('shop', 0, { REGISTRY_URL: `file://${directory}` });
  const app = await NestFactory.create(serviceModule(ShopModule, config, drain), new FastifyAdapter(), {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  expect(drain.begun).toBe(false);
  await app.close();
  await drain.run('once more');
  expect(happened).toEqual(['the application was closed', 'left', 'finished', 'destroyed, draining']);
  expect(() => registry!.watch('another')).toThrow(/^CLOSED/);
});
