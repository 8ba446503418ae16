import { defaultRegistryUrl, parseRegistryUrl, registrySchemes } from '@rollcall/discovery';
import { expectRegistry } from '@rollcall/discovery/grpc';
import type { ServiceDiscoveryModuleOptions } from './open-module-registry.js';

/** What `forRootAsync` may open, as far as it is known when the module is defined. */
const knownSchemes = [...registrySchemes, 'memory'];

/**
 * Makes the targets of a registry valid when its module is defined. Nest creates the channels of its own `ClientsModule`
 * before the registry is open if that module is imported first. `options` are undefined until a factory has returned them.
 */
export function expectModuleRegistry(
  options: ServiceDiscoveryModuleOptions | undefined,
  name: string | undefined,
): void {
  for (const scheme of options ? schemesOf(options) : knownSchemes) {
    expectRegistry(scheme, name === undefined ? {} : { name });
  }
}

/** An invalid URL has none; it fails the start. */
function schemesOf({ url = defaultRegistryUrl, registry }: ServiceDiscoveryModuleOptions): readonly string[] {
  try {
    return [registry?.scheme ?? parseRegistryUrl(url).scheme];
  } catch {
    return [];
  }
}
