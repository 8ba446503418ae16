import {
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type Log, openRegistry, type Registry } from '@rollcall/discovery';
import {
  registerResolver,
  createGrpcClient,
  type GrpcClient,
  type GrpcClientOptions,
  type GrpcContract,
} from '@rollcall/discovery/grpc';
import type { Client } from '@grpc/grpc-js';
import {
  InjectRegistry,
  getGrpcClientToken,
  getObservableClientToken,
  REGISTRY,
} from './discovery.decorators.js';
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './service-discovery.module-definition.js';
import type { ServiceDiscoveryModuleOptions } from './service-discovery.options.js';
import { toObservableClient } from '../clients/observable-client.js';
import { InstanceRegistrationModule } from '../registration/instance-registration.module.js';
import type { InstanceRegistrationOptions } from '../registration/instance-registration.options.js';

const registryProvider = {
  provide: REGISTRY,
  inject: [MODULE_OPTIONS_TOKEN],
  useFactory: async ({ url, ...options }: ServiceDiscoveryModuleOptions): Promise<Registry> => {
    const registry = await openRegistry(url, { ...options, log: nestLog(new Logger('Discovery')) });
    registerResolver(registry);
    return registry;
  },
};

/**
 * Discovery for a Nest application: `forRoot` opens the registry, for the whole application, `forClients` gives the
 * clients of the services that a module calls, `register` puts the application itself into the registry.
 */
@Module({ providers: [registryProvider], exports: [REGISTRY, MODULE_OPTIONS_TOKEN] })
export class ServiceDiscoveryModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@InjectRegistry() private readonly registry: Registry) {
    super();
  }

  /** One client, and with it one channel, for each service. Inject them with `@InjectGrpcClient(contract)`. */
  static forClients(
    contracts: readonly GrpcContract[],
    options: Omit<GrpcClientOptions, 'target'> = {},
  ): DynamicModule {
    const tokens = contracts.map(getGrpcClientToken);
    const observables = contracts.map((contract) => ({
      provide: getObservableClientToken(contract),
      inject: [getGrpcClientToken(contract)],
      useFactory: toObservableClient<GrpcClient<Client>>,
    }));
    return {
      module: GrpcClientsModule,
      providers: [
        ...contracts.map((contract) => ({
          provide: getGrpcClientToken(contract),
          inject: [REGISTRY],
          useFactory: (registry: Registry) =>
            createGrpcClient(contract, { ...options, target: `${registry.scheme}:///${contract.service}` }),
        })),
        ...observables,
        { provide: CLIENTS, inject: tokens, useFactory: (...clients: GrpcClient<Client>[]) => clients },
      ],
      exports: [...tokens, ...contracts.map(getObservableClientToken)],
    };
  }

  /**
   * Registers the server of this application once it listens, and takes it out of the registry before that stops: see
   * `InstanceRegistration`, which is exported.
   * @example
   * imports: [ServiceDiscoveryModule.forRoot({ url }), ServiceDiscoveryModule.register({ service: 'inventory', port: 50051 })]
   */
  static register(options: InstanceRegistrationOptions): DynamicModule {
    return InstanceRegistrationModule.register(options);
  }

  /** The same, with options that are known later. */
  static registerAsync(options: ConfigurableModuleAsyncOptions<InstanceRegistrationOptions>): DynamicModule {
    return InstanceRegistrationModule.registerAsync(options);
  }

  /** After the drain: whatever is still in flight needs its channels until then, and `onModuleDestroy` comes before. */
  async onApplicationShutdown(): Promise<void> {
    await this.registry.close();
  }
}

const CLIENTS = Symbol('@rollcall/nest-discovery/clients');

@Module({})
class GrpcClientsModule implements OnApplicationShutdown {
  constructor(@Inject(CLIENTS) private readonly clients: readonly GrpcClient<Client>[]) {}

  onApplicationShutdown(): void {
    for (const client of this.clients) client.close();
  }
}

function nestLog(logger: Logger): Log {
  const levels = { info: 'log', warn: 'warn', error: 'error' } as const;
  return (level, message, fields) => logger[levels[level]](fields ? { message, ...fields } : message);
}
