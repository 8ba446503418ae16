import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { serveGracefully } from '@rollcall/discovery/http-server';
import { readConfig } from '../config.js';
import { bootstrap, runUntilTerminated } from '../lifecycle/run-until-terminated.js';
import { serviceModule } from '../service.module.js';
import { ServiceLogger } from '../service-logger.js';
import { createHttpAdapter } from './http-adapter.js';

export { createHttpAdapter };
export type { HttpAdapterOptions, HttpLimits } from './http-adapter.js';

export interface HttpServiceOptions {
  readonly service: string;
  readonly module: Type;
  readonly defaultPort: number;
  /** Default: `createHttpAdapter()`. */
  readonly adapter?: FastifyAdapter;
  /** Called before the application listens. */
  readonly configure?: (app: NestFastifyApplication) => void | Promise<void>;
}

/**
 * Runs an HTTP service with the configuration of its environment, and shuts it down gracefully on SIGTERM, SIGINT or
 * `app.close()`. Inject `GracefulShutdown` to report readiness.
 */
export function runHttpService({
  service,
  module,
  defaultPort,
  adapter = createHttpAdapter(),
  configure,
}: HttpServiceOptions): Promise<NestFastifyApplication> {
  return bootstrap(service, async () => {
    const config = readConfig(service, defaultPort);
    const logger = new ServiceLogger(config);
    const shutdown = serveGracefully(adapter.getInstance().server, [], {
      signals: false,
      drainTimeoutMs: config.drainTimeoutMs,
      shutdownDelayMs: config.shutdownDelayMs,
      onDraining: (reason) => logger.log({ event: 'draining', service, reason }),
    });
    const app = await NestFactory.create<NestFastifyApplication>(
      serviceModule(module, config, shutdown),
      adapter,
      { logger, abortOnError: false },
    );
    const start = async () => {
      await configure?.(app);
      await app.listen(config.port, config.host);
      const { port } = app.getHttpServer().address() as { port: number };
      logger.log({ event: 'listening', service, address: `${config.host}:${port}` });
    };
    const onStopped = (result: string) => logger.log({ event: 'stopped', service, result });
    return runUntilTerminated({ app, shutdown, start, onStopped });
  });
}
