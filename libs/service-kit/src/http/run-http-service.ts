import { ConsoleLogger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { readConfig } from '../config.js';
import { GracefulShutdown } from '../lifecycle/graceful-shutdown.js';
import { HttpConnections } from './http-connections.js';
import { serviceModule } from '../service.module.js';
import { bootstrap, runUntilTerminated } from '../lifecycle/run-until-terminated.js';

export interface HttpService {
  readonly service: string;
  readonly module: Type;
  readonly defaultPort: number;
  /** The HTTP server, where it is to be set otherwise than Nest does. */
  readonly adapter?: FastifyAdapter;
  /** What is left to set on the application before it listens. */
  readonly configure?: (app: NestFastifyApplication) => void | Promise<void>;
}

/**
 * Runs an HTTP service, from its environment to its last request. On SIGTERM, SIGINT or `app.close()` it answers what is
 * in flight, and says goodbye on every connection (see `GracefulShutdown`). Its readiness can tell by the same `GracefulShutdown`, injected.
 */
export function runHttpService({
  service,
  module,
  defaultPort,
  adapter = new FastifyAdapter(),
  configure,
}: HttpService): Promise<NestFastifyApplication> {
  return bootstrap(service, async () => {
    const config = readConfig(service, defaultPort);
    const logger = new ConsoleLogger(service, { json: true, logLevels: config.logLevels });
    const connections = new HttpConnections(adapter.getInstance().server);
    const drain = new GracefulShutdown(config.drainTimeoutMs, {
      markNotServing(reason) {
        logger.log({ event: 'draining', service, reason });
        connections.startDraining();
      },
      deregister: async () => {},
      shutdown: (timeoutMs, forceSignal) => connections.shutdown(timeoutMs, forceSignal),
    });
    const app = await NestFactory.create<NestFastifyApplication>(
      serviceModule(module, config, drain),
      adapter,
      {
        logger,
        abortOnError: false,
      },
    );
    const start = async () => {
      await configure?.(app);
      await app.listen(config.port, config.host);
      const { port } = app.getHttpServer().address() as { port: number };
      logger.log({ event: 'listening', service, address: `${config.host}:${port}` });
    };
    const stopped = (how: string) => logger.log({ event: 'stopped', service, how });
    return runUntilTerminated({ app, drain, start, stopped });
  });
}
