import { ReflectionService } from '@grpc/reflection';
import type { INestMicroservice, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { addressOf, type RegistrationState } from '@rollcall/discovery';
import { type ConnectionLimits, type GrpcContract, loadContract } from '@rollcall/discovery/grpc';
import {
  CallContextInterceptor,
  GrpcErrorFilter,
  InstanceRegistration,
  type Registry,
  REGISTRY,
  ServiceDiscoveryModule,
} from '@rollcall/nest-discovery';
import { GracefulGrpcServer } from '@rollcall/nest-discovery/grpc-server';
import { HealthImplementation } from 'grpc-health-check';
import { readConfig, type ServiceConfig } from '../config.js';
import { bootstrap, runUntilTerminated } from '../lifecycle/run-until-terminated.js';
import { serviceModule } from '../service.module.js';
import { ServiceLogger } from '../service-logger.js';
import { instanceIdInterceptor } from './instance-id.interceptor.js';
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

/** The service name of gRPC health that tells whether the instance takes part: what a rolling update waits for. */
const readiness = 'readiness';

/**
 * Runs a gRPC service with the configuration of its environment: listens, registers, and shuts down gracefully on
 * SIGTERM, SIGINT or `app.close()`. Its health (grpc.health.v1) is SERVING while it takes calls; that of the service `readiness`
 * from its first registration on, also through a later outage of the registry.
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
    const host = config.host.includes(':') ? `[${config.host}]` : config.host;
    const health = new HealthImplementation({ [readiness]: 'NOT_SERVING' });
    const server = new GracefulGrpcServer({
      package: contract.package,
      protoPath: contract.protoPath,
      loader: { ...contract.loader, includeDirs: [...(contract.includeDirs ?? [])] },
      url: `${host}:${config.port}`,
      health,
      interceptors: [instanceIdInterceptor(instance)],
      longLivedStreams: streamPaths(contract, longLivedStreams),
      drainTimeoutMs: config.drainTimeoutMs,
      shutdownDelayMs: config.shutdownDelayMs,
      onDraining(reason) {
        health.setStatus(readiness, 'NOT_SERVING');
        logger.log({ event: 'draining', service, instance, reason });
      },
      onLoadPackageDefinition(definition, target) {
        if (config.grpcReflection) new ReflectionService(definition).addToServer(target);
      },
      ...(connections && { connections }),
    });
    const { shutdown } = server;
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(
      serviceModule(module, config, shutdown, [ServiceDiscoveryModule.register(registrationOptions(config))]),
      { strategy: server, logger, abortOnError: false },
    );
    server.deregisterOnClose(app.get(InstanceRegistration));
    app.useGlobalFilters(new GrpcErrorFilter());
    app.useGlobalInterceptors(new RequestIdsInterceptor(), new CallContextInterceptor());

    const start = async () => {
      await listen(app);
      const registration = await app.get(InstanceRegistration).register(server.port!);
      const address = addressOf(registration.instance);
      const registry = app.get<Registry>(REGISTRY).location;
      logger.log({ event: 'listening', service, instance, address });
      registration.on('change', ({ status }: RegistrationState) => {
        if (status !== 'registered') return;
        health.setStatus(readiness, 'SERVING');
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

/** @throws {Error} that names the variables to change. */
async function listen(app: INestMicroservice): Promise<void> {
  try {
    await app.listen();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw message.startsWith('cannot listen on')
      ? new Error(`${message}; set HOST and PORT`, { cause })
      : cause;
  }
}

/** @throws {Error} for a name that is not a server-streaming method of the contract. */
function streamPaths(contract: GrpcContract, names: readonly string[]): string[] {
  const methods = loadContract(contract).Client.service;
  return names.map((name) => {
    const method = methods[name];
    if (method?.responseStream) return method.path;
    throw new Error(
      `invalid longLivedStreams "${name}": use server-streaming methods of ${contract.grpcService}`,
    );
  });
}
