import { ConsoleLogger, type INestMicroservice, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { addressOf, type RegistrationState } from '@rollcall/discovery';
import type { GrpcContract } from '@rollcall/discovery/grpc';
import {
  ServiceDiscoveryModule,
  GrpcErrorFilter,
  CallContextInterceptor,
  type Registry,
  REGISTRY,
  InstanceRegistration,
} from '@rollcall/nest-discovery';
import { readConfig, type ServiceConfig } from '../config.js';
import { GracefulShutdown } from '../lifecycle/graceful-shutdown.js';
import { GracefulGrpcServer } from './graceful-grpc-server.js';
import { serviceModule } from '../service.module.js';
import { bootstrap, runUntilTerminated } from '../lifecycle/run-until-terminated.js';

export interface GrpcService {
  readonly contract: GrpcContract;
  readonly module: Type;
}

/**
 * Runs a gRPC service, from its environment (see `config.ts`) to its last call: listens, then registers, and on SIGTERM,
 * SIGINT or `app.close()` leaves in an order that costs no caller anything (see `GracefulShutdown`).
 */
export function runGrpcService({ contract, module }: GrpcService): Promise<INestMicroservice> {
  return bootstrap(contract.service, async () => {
    const config = readConfig(contract.service, 0);
    const { service, instanceId: instance } = config;
    const logger = new ConsoleLogger(service, { json: true, logLevels: config.logLevels });
    const server = new GracefulGrpcServer(contract, config);
    const drain: GracefulShutdown = new GracefulShutdown(config.drainTimeoutMs, {
      markNotServing(reason) {
        logger.log({ event: 'draining', service, instance, reason });
        server.setServing(false);
      },
      deregister: (forceSignal) => app.get(InstanceRegistration).deregister(forceSignal),
      shutdown: (timeoutMs, forceSignal) => server.shutdown(timeoutMs, forceSignal),
    });
    server.beforeClose = () => drain.run('the server was closed');
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(
      serviceModule(module, config, drain, [ServiceDiscoveryModule.register(describe(config))]),
      { strategy: server, logger, abortOnError: false },
    );
    app.useGlobalFilters(new GrpcErrorFilter());
    app.useGlobalInterceptors(new CallContextInterceptor());

    const start = async () => {
      await app.listen();
      server.setServing(!drain.started);
      const registration = await app.get(InstanceRegistration).register(server.port);
      const address = addressOf(registration.instance);
      const registry = app.get<Registry>(REGISTRY).location;
      logger.log({ event: 'listening', service, instance, address });
      registration.on('change', ({ status }: RegistrationState) => {
        if (status === 'registered')
          logger.log({ event: 'registered', service, instance, address, registry });
      });
    };
    const stopped = (how: string) => logger.log({ event: 'stopped', service, instance, how });
    return runUntilTerminated({ app, drain, start, stopped });
  });
}

/** What the environment says of this instance. */
function describe(config: ServiceConfig) {
  const { service, instanceId: id, host: bind, advertiseAddress: advertise, version, zone, weight } = config;
  return {
    service,
    id,
    bind,
    ...(advertise !== undefined && { advertise }),
    ...(version !== undefined && { version }),
    ...(zone !== undefined && { zone }),
    ...(weight !== undefined && { weight }),
  };
}
