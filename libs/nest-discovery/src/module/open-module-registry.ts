import { Logger } from '@nestjs/common';
import {
  DiscoveryError,
  type Log,
  openRegistry,
  type OpenRegistryOptions,
  type Registry,
} from '@rollcall/discovery';
import { RegistryTargets } from './registry-targets.js';

export interface ServiceDiscoveryModuleOptions extends Omit<OpenRegistryOptions, 'log'> {
  /** `consul://127.0.0.1:8500`, `etcd://h1:2379,h2:2379`, `file:///run/rollcall`. Default: a local directory. */
  readonly url?: string;
  /**
   * An open registry, instead of a `url`. The application does not close it.
   * @example
   * // In a test:
   * ServiceDiscoveryModule.forRoot({ registry: new Registry(new MemoryRegistry().open()) })
   */
  readonly registry?: Registry;
}

/** The registries that modules have opened, and close. */
const opened = new WeakSet<Registry>();

/** @throws {DiscoveryError} INVALID_TARGET, INVALID_OPTION, MISSING_PEER. */
export async function openModuleRegistry(options: ServiceDiscoveryModuleOptions): Promise<Registry> {
  const { url, registry: given, ...registryOptions } = options;
  if ('name' in options) {
    throw new DiscoveryError(
      'INVALID_OPTION',
      'forRootAsync takes "name" beside useFactory, not from it: forRootAsync({ name, useFactory })',
    );
  }
  if (given) {
    if (url === undefined) return given;
    throw new DiscoveryError('INVALID_OPTION', 'forRoot takes "url" or "registry", not both');
  }
  const registry = await openRegistry(url, { ...registryOptions, log: toLog(new Logger('Discovery')) });
  opened.add(registry);
  return registry;
}

/** A factory of the targets. Closes the registry when they cannot be registered, which fails the start. */
export function publishTargets(name: string | undefined) {
  return async (registry: Registry): Promise<RegistryTargets> => {
    try {
      return new RegistryTargets(registry, name);
    } catch (error) {
      await closeIfOpened(registry);
      throw error;
    }
  };
}

/** Does not close a registry that was given, as an option or by a test that overrides it. */
export async function closeIfOpened(registry: Registry): Promise<void> {
  if (opened.has(registry)) await registry.close();
}

function toLog(logger: Logger): Log {
  const levels = { info: 'log', warn: 'warn', error: 'error' } as const;
  return (level, message, fields) => logger[levels[level]](fields ? { message, ...fields } : message);
}
