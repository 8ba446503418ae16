import { Inject } from '@nestjs/common';
import type { GrpcContract } from '@rollcall/discovery/grpc';

export const REGISTRY = Symbol('@rollcall/nest-discovery/registry');

/** Injects the `Registry`. */
export const InjectRegistry = (): ParameterDecorator & PropertyDecorator => Inject(REGISTRY);

type NamedContract = Pick<GrpcContract, 'package' | 'grpcService'>;

/** Token of the client of a service: for tests that put another one in its place. */
export function getGrpcClientToken(contract: NamedContract): string {
  return `@rollcall/nest-discovery/client/${contract.package}.${contract.grpcService}`;
}

/** Token of the same client with observables, which follows when the other is replaced. */
export function getObservableClientToken(contract: NamedContract): string {
  return `${getGrpcClientToken(contract)}/observable`;
}

export interface InjectGrpcClientOptions {
  /** What its methods return: promises and async iterables, as in `GrpcClient`, or the observables of `ObservableClient`. */
  readonly as?: 'promise' | 'observable';
}

/** Injects the client of a service that was named in `ServiceDiscoveryModule.forClients`. */
export const InjectGrpcClient = (
  contract: NamedContract,
  { as = 'promise' }: InjectGrpcClientOptions = {},
): ParameterDecorator & PropertyDecorator =>
  Inject(as === 'observable' ? getObservableClientToken(contract) : getGrpcClientToken(contract));
