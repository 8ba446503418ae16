import { Inject } from '@nestjs/common';
import type { GrpcContract } from '@rollcall/discovery/grpc';

export const REGISTRY = Symbol('@rollcall/nest-discovery/registry');

/** Injects the `Registry`. */
export const InjectRegistry = (): ParameterDecorator & PropertyDecorator => Inject(REGISTRY);

/** Token of the client of a service: for tests that put another one in its place. */
export function grpcClientToken(contract: Pick<GrpcContract, 'package' | 'grpcService'>): string {
  return `@rollcall/nest-discovery/client/${contract.package}.${contract.grpcService}`;
}

/** Injects the `GrpcClient` of a service that was named in `DiscoveryModule.forClients`. */
export const InjectGrpcClient = (
  contract: Pick<GrpcContract, 'package' | 'grpcService'>,
): ParameterDecorator & PropertyDecorator => Inject(grpcClientToken(contract));
