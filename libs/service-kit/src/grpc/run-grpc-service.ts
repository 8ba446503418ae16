import type { INestMicroservice, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { addressOf, type RegistrationState } from '@rollcall/discovery';
import { type GrpcContract, loadContract } from '@rollcall/discovery/grpc';
import {
  CallContextInterceptor,
  GrpcErrorFilter,
  InstanceRegistration,
  type Registry,
  REGISTRY,
  ServiceDiscoveryModule,
} from '@rollcall/nest-discovery';
import { readConfig, type ServiceConfig } from '../config.js';
import { GracefulShutdown } from '../lifecycle/graceful-shutdown.js';
import { bootstrap, runUntilTerminated } from '../lifecycle/run-until-terminated.js';
import { serviceModule } from '../service.module.js';
import { ServiceLogger } from '../service-logger.js';
import type { ConnectionLimits } from './connection-limits.js';
import { GracefulGrpcServer } from './graceful-grpc-server.js';
import { RequestIdsInterceptor } from './request-ids.interceptor.js';

export interface GrpcServiceOptions {
  readonly contract: GrpcContract;
  readonly module: Type;
  /**
   * Names of the server-streaming methods that never end by themselves: `WatchStock`. A shutdown ends them at once with
   * UNAVAILABLE; all other streams have the drain timeout to complete.
   */
  readonly longLivedStreams?: readonly string[];
  readonly connections?: ConnectionLimits;
}

/**
 * Runs a gRPC service with the configuration of its environment: listens, registers, and shuts down gracefully on
 * SIGTERM, SIGINT or `app.close()`.
 */
export function runGrpcService({
  contract,
  module,
  longLivedStreams = [],
  connections,
}: GrpcServiceOptions): Promise<INestMicroservice> {
  return bootstrap(contract.service, async () => {
    const config = readConfig(contract.service, 0);
    const { service, instanceId: instance } = config;
    const logger = new ServiceLogger(config);
    const server = new GracefulGrpcServer(contract, {
      ...config,
      reflection: config.grpcReflection,
      longLivedStreams: assertStreams(contract, longLivedStreams),
      ...(connections && { connections }),
    });
    const shutdown: GracefulShutdown = new GracefulShutdown(config.drainTimeoutMs, {
      markNotServing(reason) {
        logger.log({ event: 'draining', service, instance, reason });
        server.setServing(false);
      },
      deregister: (forceSignal) => app.get(InstanceRegistration).deregister(forceSignal),
      shutdown: (forceSignal) => server.shutdown(forceSignal),
    });
    server.beforeClose = () => shutdown.run('the server was closed');
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(
      serviceModule(module, config, shutdown, [ServiceDiscoveryModule.register(registrationOptions(config))]),
      { strategy: server, logger, abortOnError: false },
    );
    app.useGlobalFilters(new GrpcErrorFilter());
    app.useGlobalInterceptors(new RequestIdsInterceptor(), new CallContextInterceptor());

    const start = async () => {
      await app.listen();
      server.setServing(!shutdown.started);
      const registration = await app.get(InstanceRegistration).register(server.port);
      const address = addressOf(registration.instance);
      const registry = app.get<Registry>(REGISTRY).location;
      logger.log({ event: 'listening', service, instance, address });
      registration.on('change', ({ status }: RegistrationState) => {
        if (status === 'registered')
          logger.log({ event: 'registered', service, instance, address, registry });
      });
    };
    const onStopped = (result: string) => logger.log({ event: 'stopped', service, instance, result });
    return runUntilTerminated({ app, shutdown, start, onStopped });
  });
}

function registrationOptions(config: ServiceConfig) {
  const { service, instanceId: id, host: bindAddress, advertiseAddress, version, zone, weight } = config;
  return {
    service,
    id,
    bindAddress,
    autoRegister: false,
    ...(advertiseAddress !== undefined && { advertiseAddress }),
    ...(version !== undefined && { version }),
    ...(zone !== undefined && { zone }),
    ...(weight !== undefined && { weight }),
  };
}

/** @throws {Error} for a name that is not a server-streaming method of the contract. */
function assertStreams(contract: GrpcContract, names: readonly string[]): readonly string[] {
  const methods = loadContract(contract).Client.service;
  for (const name of names) {
    if (!methods[name]?.responseStream) {
      throw new Error(
        `invalid longLivedStreams "${name}": use server-streaming methods of ${contract.grpcService}`,
      );
    }
  }
  return names;
}
