import type { InstanceFilter } from '@rollcall/discovery';
import { assertVisible } from '../module/inject-registry.js';
import { getRegistryTargetsToken, type RegistryTargets } from '../module/registry-targets.js';
import {
  type DiscoveredGrpcOptions,
  discoveredGrpcOptions,
  type NestGrpcOptions,
} from './discovered-grpc-options.js';

export interface DiscoveredClientOptions extends Omit<DiscoveredGrpcOptions, 'url'> {
  /** Its name in the registry. */
  readonly service: string;
  /** Which instances to call: `{ tags: ['v2'], zone: 'eu' }`. Default: all. */
  readonly filter?: InstanceFilter;
  /** The name of the registry, as in `forRoot({ name })`. Default: the registry without a name. */
  readonly registry?: string;
}

/** `ClientsProviderAsyncOptions` of `@nestjs/microservices`. */
export interface DiscoveredClient {
  readonly name: string | symbol;
  readonly inject: { token: string; optional: true }[];
  readonly useFactory: (targets?: RegistryTargets) => NestGrpcOptions;
}

/**
 * A client of Nest's `ClientsModule` whose service is looked up in the registry of the application. Everything else stays as it
 * is: `@Inject(name) client: ClientGrpc`, `client.getService(...)`, in the constructor, too.
 * @example
 * ClientsModule.registerAsync([
 *   discoveredClient('INVENTORY', { service: 'inventory', package: 'shop.inventory.v1', protoPath }),
 * ])
 */
export function discoveredClient(
  name: string | symbol,
  { service, filter, registry, ...options }: DiscoveredClientOptions,
): DiscoveredClient {
  return {
    name,
    inject: [{ token: getRegistryTargetsToken(registry), optional: true }],
    useFactory: (targets) => {
      const howToImport = 'forRoot(...) beside ClientsModule';
      const url = assertVisible(targets, howToImport, registry).targetOf(service, filter);
      return discoveredGrpcOptions({ ...options, url });
    },
  };
}
