import { Inject } from '@nestjs/common';
import { DiscoveryError, type Registry } from '@rollcall/discovery';

/** Injection token of the `Registry`. */
export const REGISTRY = Symbol('@rollcall/nest-discovery/registry');

/** Injects the `Registry`. */
export const InjectRegistry = (): ParameterDecorator & PropertyDecorator => Inject(REGISTRY);

/** @throws {DiscoveryError} if `ServiceDiscoveryModule.forRoot` is missing, or neither global nor imported. */
export function assertVisible(registry: Registry | undefined, howToImport: string): Registry {
  if (registry) return registry;
  throw new DiscoveryError(
    'INVALID_OPTION',
    `no registry: import ServiceDiscoveryModule.forRoot(...) in the root module; with "isGlobal: false", import what it returns here, too: ServiceDiscoveryModule.${howToImport}`,
  );
}
