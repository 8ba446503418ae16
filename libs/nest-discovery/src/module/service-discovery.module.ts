import {
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { expectModuleRegistry } from './expect-module-registry.js';
import type { AsyncGrpcClientDefinition, GrpcClientDefinition } from '../clients/grpc-client-definition.js';
import {
  GrpcClientsModule,
  type GrpcClientsImports,
  type GrpcClientsOptions,
} from '../clients/grpc-clients.module.js';
import { InstanceRegistrationModule } from '../registration/instance-registration.js';
import type {
  InstanceRegistrationExtras,
  InstanceRegistrationOptions,
} from '../registration/instance-registration.module-definition.js';
import { closeIfOpened } from './open-module-registry.js';
import { RegistryTargets } from './registry-targets.js';
import {
  type ASYNC_OPTIONS_TYPE,
  ConfigurableModuleClass,
  type OPTIONS_TYPE,
} from './service-discovery.module-definition.js';

/**
 * Service discovery for a Nest application. `forRoot` opens a registry and shares it with the whole application,
 * `forClients` provides gRPC clients, `register` registers the application's own server.
 *
 * The application closes the registries that it has opened. A registry that is given to it, as `registry` or by a test in
 * place of `REGISTRY`, stays open.
 */
@Module({})
export class ServiceDiscoveryModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@Inject(RegistryTargets) private readonly targets: RegistryTargets) {
    super();
  }

  /**
   * Opens a registry. Once for each `name`: an application may have several registries.
   * @example
   * imports: [ServiceDiscoveryModule.forRoot({ url: 'consul://127.0.0.1:8500' })]
   */
  static override forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    expectModuleRegistry(options, options.name);
    return super.forRoot(options);
  }

  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    expectModuleRegistry(undefined, options.name);
    return super.forRootAsync(options);
  }

  /**
   * Provides one client, with its own channel, for each contract. Inject it with `@InjectGrpcClient(contract)`. The second
   * argument holds the defaults of all clients.
   * @example
   * ServiceDiscoveryModule.forClients(
   *   [inventoryContract, { contract: reviewContract, filter: { tags: ['v2'] }, waitForReadyMs: 500 }],
   *   { defaultTimeoutMs: 2_000 },
   * )
   */
  static forClients(
    clients: readonly GrpcClientDefinition[],
    defaults: GrpcClientsOptions = {},
  ): DynamicModule {
    return GrpcClientsModule.forClients(clients, defaults);
  }

  /**
   * Provides clients whose settings come from a factory each.
   * @example
   * ServiceDiscoveryModule.forClientsAsync([{
   *   contract: inventoryContract,
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ filter: { zone: config.get('ZONE') } }),
   * }])
   */
  static forClientsAsync(
    clients: readonly AsyncGrpcClientDefinition[],
    options: GrpcClientsImports = {},
  ): DynamicModule {
    return GrpcClientsModule.forClientsAsync(clients, options);
  }

  /**
   * Registers the application's server once it listens, and deregisters it before it closes. Exports
   * `InstanceRegistration`.
   * @example
   * imports: [ServiceDiscoveryModule.forRoot({ url }), ServiceDiscoveryModule.register({ service: 'inventory' })]
   */
  static register(options: InstanceRegistrationOptions & Partial<InstanceRegistrationExtras>): DynamicModule {
    return InstanceRegistrationModule.register(options);
  }

  static registerAsync(
    options: ConfigurableModuleAsyncOptions<InstanceRegistrationOptions> &
      Partial<InstanceRegistrationExtras>,
  ): DynamicModule {
    return InstanceRegistrationModule.registerAsync(options);
  }

  /** Not in `onModuleDestroy`, which runs before the server drains: calls in flight still need the registry. */
  async onApplicationShutdown(): Promise<void> {
    this.targets.unregister();
    await closeIfOpened(this.targets.registry);
  }
}
