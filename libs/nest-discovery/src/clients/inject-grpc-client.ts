import { Inject } from '@nestjs/common';
import type { GrpcContract } from '@rollcall/discovery/grpc';

type NamedContract = Pick<GrpcContract, 'package' | 'grpcService'>;

/**
 * Injection token of the client of a service. Use it to override the client in a test. `name` is that of the client in
 * `forClients`, if it has one.
 */
export function getGrpcClientToken(contract: NamedContract, name?: string): string {
  const token = `@rollcall/nest-discovery/client/${contract.package}.${contract.grpcService}`;
  return name === undefined ? token : `${token}#${name}`;
}

/** Injection token of the observable client, which wraps the promise client: overriding that one replaces both. */
export function getObservableClientToken(contract: NamedContract, name?: string): string {
  return `${getGrpcClientToken(contract, name)}/observable`;
}

export interface InjectGrpcClientOptions {
  /** `promise` (default) injects a `GrpcClient`, `observable` an `ObservableClient`. */
  readonly as?: 'promise' | 'observable';
  /** Of a client that has a name in `forClients`. */
  readonly name?: string;
}

/** Injects the client of a service that `ServiceDiscoveryModule.forClients` provides. */
export const InjectGrpcClient = (
  contract: NamedContract,
  { as = 'promise', name }: InjectGrpcClientOptions = {},
): ParameterDecorator & PropertyDecorator =>
  Inject(as === 'observable' ? getObservableClientToken(contract, name) : getGrpcClientToken(contract, name));
