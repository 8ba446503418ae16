import { Inject } from '@nestjs/common';
import { DiscoveryError } from '@rollcall/discovery';

/** Injection token of the `Registry` of `ServiceDiscoveryModule.forRoot` without a name. */
export const REGISTRY = Symbol('@rollcall/nest-discovery/registry');

/** Injection token of the `Registry` of `ServiceDiscoveryModule.forRoot({ name })`; {@link REGISTRY} without a name. */
export function getRegistryToken(name?: string): symbol | string {
  return name === undefined ? REGISTRY : `@rollcall/nest-discovery/registry/${name}`;
}

/** Injects the `Registry` with this name, or that without a name. */
export const InjectRegistry = (name?: string): ParameterDecorator & PropertyDecorator =>
  Inject(getRegistryToken(name));

/** @throws {DiscoveryError} if `ServiceDiscoveryModule.forRoot` is missing, or neither global nor imported. */
export function assertVisible<T>(provided: T | undefined, howToImport: string, name?: string): T {
  if (provided !== undefined) return provided;
  const [missing, options] = name === undefined ? ['', '...'] : [` "${name}"`, `{ name: '${name}', ... }`];
  throw new DiscoveryError(
    'INVALID_OPTION',
    `no registry${missing}: import ServiceDiscoveryModule.forRoot(${options}) in the root module; with "isGlobal: false", import what it returns here, too: ServiceDiscoveryModule.${howToImport}`,
  );
}
