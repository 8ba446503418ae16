import { ConsoleLogger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GrpcExceptionFilter, type MicroserviceOptions } from '@nestjs/microservices';
import {
  advertisedAddress,
  parseRegistryUrl,
  type Registry,
  type RegistrationState,
} from '@rollcall/discovery';
import type { GrpcContract } from '@rollcall/discovery/grpc';
import { REGISTRY } from '@rollcall/nest-discovery';
import { readConfig, type ServiceConfig } from './config.js';
import { GrpcServer } from './grpc-server.js';
import { leaveRegistry } from './leave.js';
import { withDiscovery } from './service.module.js';
import { boot, onTermination } from './termination.js';

export interface GrpcService {
  readonly contract: GrpcContract;
  readonly module: Type;
}

/**
 * Runs a gRPC service, from its environment (see `config.ts`) to its last call: listens, then registers, and on SIGTERM
 * or SIGINT leaves in an order that costs no caller anything.
 */
export function runGrpcService({ contract, module }: GrpcService): Promise<void> {
  return boot(contract.service, async () => {
    const config = readConfig(contract.service, 0);
    const { service, instanceId } = config;
    const logger = new ConsoleLogger(service, { json: true, logLevels: config.logLevels });
    const server = new GrpcServer(contract, config);
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(withDiscovery(module, config), {
      strategy: server,
      logger,
      abortOnError: false,
    });
    app.useGlobalFilters(new GrpcExceptionFilter());
    await app.listen();

    const registry = app.get<Registry>(REGISTRY);
    const host = await advertisedHost(config);
    const address = `${host}:${server.port}`;
    logger.log({ event: 'listening', service, instance: instanceId, address });
    server.setServing(true);

    const registration = registry.register({
      id: instanceId,
      service,
      host,
      port: server.port,
      protocol: 'grpc',
      ...(config.version !== undefined && { version: config.version }),
      ...(config.zone !== undefined && { zone: config.zone }),
      ...(config.weight !== undefined && { weight: config.weight }),
    });
    registration.on('change', ({ status }: RegistrationState) => {
      if (status === 'registered')
        logger.log({
          event: 'registered',
          service,
          instance: instanceId,
          address,
          registry: registry.location,
        });
    });

    onTermination(async (reason, hurry) => {
      logger.log({ event: 'draining', service, instance: instanceId, reason });
      server.setServing(false);
      await leaveRegistry(registry, registration);
      const how = await server.shutdown(config.drainTimeoutMs, hurry);
      await app.close();
      logger.log({ event: 'stopped', service, instance: instanceId, how });
    });
  });
}

function advertisedHost(config: ServiceConfig): Promise<string> {
  const [registry] = parseRegistryUrl(config.registryUrl).hosts;
  return advertisedAddress({ explicit: config.advertiseAddress, bind: config.host, registry });
}
