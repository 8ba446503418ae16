import { ConsoleLogger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { readConfig } from './config.js';
import { withDiscovery } from './service.module.js';
import { boot, onTermination } from './termination.js';

export interface HttpService {
  readonly service: string;
  readonly module: Type;
  readonly defaultPort: number;
  /** The HTTP server, where it is to be set otherwise than Nest does. */
  readonly adapter?: FastifyAdapter;
  /** What is left to set on the application before it listens. */
  readonly configure?: (app: NestFastifyApplication) => void | Promise<void>;
}

/** Runs an HTTP service, from its environment to its last request: on SIGTERM or SIGINT it answers what is in flight. */
export function runHttpService({
  service,
  module,
  defaultPort,
  adapter = new FastifyAdapter(),
  configure,
}: HttpService): Promise<void> {
  return boot(service, async () => {
    const config = readConfig(service, defaultPort);
    const logger = new ConsoleLogger(service, { json: true, logLevels: config.logLevels });
    const app = await NestFactory.create<NestFastifyApplication>(withDiscovery(module, config), adapter, {
      logger,
      abortOnError: false,
    });
    await configure?.(app);
    await app.listen(config.port, config.host);
    const { port } = app.getHttpServer().address() as { port: number };
    const address = `${config.host}:${port}`;
    logger.log({ event: 'listening', service, address });

    onTermination(async (reason, hurry) => {
      logger.log({ event: 'draining', service, reason });
      const closed = app.close();
      await Promise.race([closed, elapsed(config.drainTimeoutMs, hurry)]);
      logger.log({ event: 'stopped', service });
    });
  });
}

/** Resolves after `ms`, or when `hurry` aborts. */
function elapsed(ms: number, hurry: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    hurry.addEventListener('abort', () => resolve(), { once: true });
  });
}
