import { ConsoleLogger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { readConfig } from './config.js';
import { Drain } from './drain.js';
import { HttpConnections } from './http-connections.js';
import { serviceModule } from './service.module.js';
import { boot, live } from './termination.js';

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
 * in flight, and says goodbye on every connection (see `Drain`). Its readiness can tell by the same `Drain`, injected.
 */
export function runHttpService({
  service,
  module,
  defaultPort,
  adapter = new FastifyAdapter(),
  configure,
}: HttpService): Promise<NestFastifyApplication> {
  return boot(service, async () => {
    const config = readConfig(service, defaultPort);
    const logger = new ConsoleLogger(service, { json: true, logLevels: config.logLevels });
    const connections = new HttpConnections(adapter.getInstance().server);
    const drain = new Drain(config.drainTimeoutMs, {
      refuse(reason) {
        logger.log({ event: 'draining', service, reason });
        connections.sayGoodbye();
      },
      leave: async () => {},
      finish: (timeoutMs, hurry) => connections.finish(timeoutMs, hurry),
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
    return live({ app, drain, start, stopped });
  });
}
