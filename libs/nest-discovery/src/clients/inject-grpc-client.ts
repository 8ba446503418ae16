import type { ServiceDefinition } from '@grpc/grpc-js';
import { Inject } from '@nestjs/common';
import type { GrpcContract, GrpcStub } from '@rollcall/discovery/grpc';

/** A contract, or the stub of a generator. */
export type NamedStub = Pick<GrpcContract, 'package' | 'grpcService'> | GrpcStub;

/**
 * Injection token of the client of a service. Use it to override the client in a test. `name` is that of the client in
 * `forClients`, if it has one.
 */
export function getGrpcClientToken(stub: NamedStub, name?: string): string {
  const token = `@rollcall/nest-discovery/client/${serviceNameOf(stub)}`;
  return name === undefined ? token : `${token}#${name}`;
}

/** Injection token of the observable client, which wraps the promise client: overriding that one replaces both. */
export function getObservableClientToken(stub: NamedStub, name?: string): string {
  return `${getGrpcClientToken(stub, name)}/observable`;
}

export interface InjectGrpcClientOptions {
  /** `promise` (default) injects a `GrpcClient`, `observable` an `ObservableClient`. */
  readonly as?: 'promise' | 'observable';
  /** Of a client that has a name in `forClients`. */
  readonly name?: string;
}

/** Injects the client of a service that `ServiceDiscoveryModule.forClients` provides. */
export const InjectGrpcClient = (
  stub: NamedStub,
  { as = 'promise', name }: InjectGrpcClientOptions = {},
): ParameterDecorator & PropertyDecorator =>
  Inject(as === 'observable' ? getObservableClientToken(stub, name) : getGrpcClientToken(stub, name));

/** `package.Service`. */
export function serviceNameOf(stub: NamedStub): string {
  if ('grpcService' in stub) return `${String(stub.package)}.${String(stub.grpcService)}`;
  const { service: definition = stub as ServiceDefinition } = stub as { service?: ServiceDefinition };
  const [method] = Object.values(definition);
  return method?.path.split('/')[1] ?? '';
}
