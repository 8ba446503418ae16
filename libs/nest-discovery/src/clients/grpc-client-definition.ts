import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import { DiscoveryError, type InstanceFilter } from '@rollcall/discovery';
import type { GrpcClientOptions, GrpcContract } from '@rollcall/discovery/grpc';

/** The settings of one client, besides those that all clients of `forClients` have in common. */
export interface GrpcClientSettings extends Omit<GrpcClientOptions, 'target'> {
  /** Which instances to call: `{ tags: ['v2'], zone: 'eu' }`. Default: all. */
  readonly filter?: InstanceFilter;
  /** Any target of grpc-js, instead of the service in a registry. */
  readonly target?: string;
}

/** Which client to provide, and where its service is registered. */
export interface GrpcClientIdentity {
  readonly contract: GrpcContract;
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

/** @throws {DiscoveryError} INVALID_OPTION for a target with a filter, which would have no effect. */
export function assertTarget({ target, filter }: GrpcClientSettings, registry: string | undefined): void {
  if (target === undefined || (filter === undefined && registry === undefined)) return;
  throw new DiscoveryError(
    'INVALID_OPTION',
    `target "${target}" names the instances: use it without "filter" and "registry", or leave it out`,
  );
}
