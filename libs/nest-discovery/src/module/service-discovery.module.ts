import {
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  Logger,
  Module,
  type ModuleMetadata,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type Log, openRegistry, type Registry } from '@rollcall/discovery';
import { registerResolver, type GrpcContract } from '@rollcall/discovery/grpc';
import { type GrpcClientsOptions, GrpcClientsModule } from '../clients/grpc-clients.module.js';
import { InstanceRegistrationModule } from '../registration/instance-registration.js';
import type { InstanceRegistrationOptions } from '../registration/instance-registration.module-definition.js';
import { InjectRegistry, REGISTRY } from './inject-registry.js';
import {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN,
  type ServiceDiscoveryModuleOptions,
} from './service-discovery.module-definition.js';

/** Removes the resolver of a registry from grpc-js. */
const unregister = new WeakMap<Registry, () => void>();

const registryProvider = {
  provide: REGISTRY,
  inject: [MODULE_OPTIONS_TOKEN],
  useFactory: async ({ url, name, ...options }: ServiceDiscoveryModuleOptions): Promise<Registry> => {
    const registry = await openRegistry(url, { ...options, log: toLog(new Logger('Discovery')) });
    try {
      unregister.set(registry, registerResolver(registry, name === undefined ? {} : { name }));
    } catch (error) {
      await registry.close();
      throw error;
    }
    return registry;
  },
};

interface RegistryImports {
  /** The module that `forRoot` returned, if it is not global. */
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
}

/**
 * Service discovery for a Nest application. `forRoot` opens the registry and shares it with the whole application,
 * `forClients` provides gRPC clients, `register` registers the application's own server.
 */
@Module({ providers: [registryProvider], exports: [REGISTRY, MODULE_OPTIONS_TOKEN] })
export class ServiceDiscoveryModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@InjectRegistry() private readonly registry: Registry) {
    super();
  }

  /** Provides one client, with its own channel, for each contract. Inject it with `@InjectGrpcClient(contract)`. */
  static forClients(contracts: readonly GrpcContract[], options: GrpcClientsOptions = {}): DynamicModule {
    return GrpcClientsModule.forClients(contracts, options);
  }

  /**
   * Registers the application's server once it listens, and deregisters it before it closes. Exports
   * `InstanceRegistration`.
   * @example
   * imports: [ServiceDiscoveryModule.forRoot({ url }), ServiceDiscoveryModule.register({ service: 'inventory', port: 50051 })]
   */
  static register(options: InstanceRegistrationOptions & RegistryImports): DynamicModule {
    return InstanceRegistrationModule.register(options);
  }

  static registerAsync(options: ConfigurableModuleAsyncOptions<InstanceRegistrationOptions>): DynamicModule {
    return InstanceRegistrationModule.registerAsync(options);
  }

  /** Not in `onModuleDestroy`, which runs before the server drains: calls in flight still need the registry. */
  async onApplicationShutdown(): Promise<void> {
    unregister.get(this.registry)?.();
    await this.registry.close();
  }
}

function toLog(logger: Logger): Log {
  const levels = { info: 'log', warn: 'warn', error: 'error' } as const;
  return (level, message, fields) => logger[levels[level]](fields ? { message, ...fields } : message);
}
