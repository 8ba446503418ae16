import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import { DiscoveryError, type InstanceFilter } from '@rollcall/discovery';
import type { GrpcClientOptions, GrpcContract, GrpcStub, MethodOptions } from '@rollcall/discovery/grpc';
import { type NamedStub, serviceNameOf } from './inject-grpc-client.js';

/** The settings of one client, besides those that all clients of `forClients` have in common. */
export interface GrpcClientSettings extends Omit<GrpcClientOptions, 'target'> {
  /** Which instances to call: `{ tags: ['v2'], zone: 'eu' }`. Default: all. */
  readonly filter?: InstanceFilter;
  /** Any target of grpc-js, instead of the service in a registry. */
  readonly target?: string;
  /** Settings of single methods, by name: `{ getInventory: { timeoutMs: 500 } }`. */
  readonly methods?: Readonly<Record<string, MethodOptions>>;
  /**
   * Names of the methods that may be retried, besides those whose proto says so; `[]` for none. Needed for the stub of a
   * generator that does not carry what the proto says.
   */
  readonly idempotentMethods?: readonly string[];
}

/** Which client to provide, and where its service is registered. */
export interface GrpcClientIdentity {
  /** A contract, or the service definition or client constructor of a generator. */
  readonly contract: GrpcStub;
  /** Its name in the registry. Default: that of the contract; a generated stub has none. */
  readonly service?: string;
  /** Distinguishes clients of one contract: `@InjectGrpcClient(contract, { name })`. */
  readonly name?: string;
  /** The name of the registry, as in `forRoot({ name })`. Default: the registry without a name. */
  readonly registry?: string;
}

export type GrpcClientDefinition = GrpcContract | (GrpcClientIdentity & GrpcClientSettings);

/** A client whose settings come from a factory. */
export interface AsyncGrpcClientDefinition
  extends GrpcClientIdentity, Pick<FactoryProvider<GrpcClientSettings>, 'inject' | 'useFactory'> {
  /** The modules that export what is injected into the factory. */
  readonly imports?: ModuleMetadata['imports'];
}

/**
 * The target of a client. `targetOf` is that of its registry.
 * @throws {DiscoveryError} INVALID_OPTION for a target with a filter, which would have no effect, and without a service.
 */
export function targetOfClient(
  { contract, registry, service }: GrpcClientIdentity,
  { target, filter }: GrpcClientSettings,
  targetOf: (service: string, filter?: InstanceFilter) => string,
): string {
  if (target === undefined) return targetOf(registeredName(contract, service), filter);
  if (filter === undefined && registry === undefined) return target;
  throw new DiscoveryError(
    'INVALID_OPTION',
    `target "${target}" names the instances: use it without "filter" and "registry", or leave it out`,
  );
}

/**
 * The name of a service in the registry: `explicit`, or that of its contract.
 * @throws {DiscoveryError} INVALID_OPTION for a generated stub, which has none.
 */
export function registeredName(stub: NamedStub, explicit: string | undefined): string {
  if (explicit !== undefined) return explicit;
  const { service } = stub as { readonly service?: unknown };
  if (typeof service === 'string') return service;
  throw new DiscoveryError(
    'INVALID_OPTION',
    `the generated stub of ${serviceNameOf(stub)} has no name in the registry: set "service"`,
  );
}
