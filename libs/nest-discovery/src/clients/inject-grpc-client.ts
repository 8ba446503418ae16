import { Inject } from '@nestjs/common';
import type { GrpcContract } from '@rollcall/discovery/grpc';

type NamedContract = Pick<GrpcContract, 'package' | 'grpcService'>;

/** Injection token of the client of a service. Use it to override the client in a test. */
export function getGrpcClientToken(contract: NamedContract): string {
  return `@rollcall/nest-discovery/client/${contract.package}.${contract.grpcService}`;
}

/** Injection token of the observable client, which wraps the promise client: overriding that one replaces both. */
export function getObservableClientToken(contract: NamedContract): string {
  return `${getGrpcClientToken(contract)}/observable`;
}

export interface InjectGrpcClientOptions {
  /** `promise` (default) injects a `GrpcClient`, `observable` an `ObservableClient`. */
  readonly as?: 'promise' | 'observable';
}

/** Injects the client of a service that `ServiceDiscoveryModule.forClients` provides. */
export const InjectGrpcClient = (
  contract: NamedContract,
  { as = 'promise' }: InjectGrpcClientOptions = {},
): ParameterDecorator & PropertyDecorator =>
  Inject(as === 'observable' ? getObservableClientToken(contract) : getGrpcClientToken(contract));
