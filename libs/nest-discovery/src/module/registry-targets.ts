import type { InstanceFilter, Registry } from '@rollcall/discovery';
import { registerResolver, targetOf } from '@rollcall/discovery/grpc';
import { getRegistryToken } from './inject-registry.js';

/**
 * The gRPC targets of a registry. Clients inject it, so that the resolver is registered before their channels are created,
 * also when a test overrides the registry.
 */
export class RegistryTargets {
  readonly registry: Registry;
  readonly #name: string | undefined;
  readonly #unregister: () => void;

  /** @throws {DiscoveryError} INVALID_OPTION if another registry has the scheme and the name. */
  constructor(registry: Registry, name?: string) {
    this.registry = registry;
    this.#name = name;
    this.#unregister = registerResolver(registry, name === undefined ? {} : { name });
  }

  /** @throws {DiscoveryError} INVALID_TARGET. */
  targetOf(service: string, filter: InstanceFilter = {}): string {
    return targetOf(this.registry, service, {
      filter,
      ...(this.#name !== undefined && { name: this.#name }),
    });
  }

  unregister(): void {
    this.#unregister();
  }
}

/** Injection token of the targets of a registry. */
export function getRegistryTargetsToken(registryName?: string): string {
  return `${getRegistryToken(registryName).toString()}/targets`;
}
