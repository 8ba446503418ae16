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
import { InjectRegistry, grpcClientToken, observableClientToken, REGISTRY } from './discovery.decorators.js';
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './discovery.module-definition.js';
import type { DiscoveryModuleOptions } from './discovery.options.js';
import { observable } from './grpc/observable-client.js';
import { SelfRegistrationModule } from './registration/self-registration.module.js';
import type { SelfRegistrationOptions } from './registration/self-registration.options.js';

const registryProvider = {
  provide: REGISTRY,
  inject: [MODULE_OPTIONS_TOKEN],
  useFactory: async ({ url, ...options }: DiscoveryModuleOptions): Promise<Registry> => {
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
export class DiscoveryModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@InjectRegistry() private readonly registry: Registry) {
    super();
  }

  /** One client, and with it one channel, for each service. Inject them with `@InjectGrpcClient(contract)`. */
  static forClients(
    contracts: readonly GrpcContract[],
    options: Omit<GrpcClientOptions, 'target'> = {},
  ): DynamicModule {
    const tokens = contracts.map(grpcClientToken);
    const observables = contracts.map((contract) => ({
      provide: observableClientToken(contract),
      inject: [grpcClientToken(contract)],
      useFactory: observable<GrpcClient<Client>>,
    }));
    return {
      module: GrpcClientsModule,
      providers: [
        ...contracts.map((contract) => ({
          provide: grpcClientToken(contract),
          inject: [REGISTRY],
          useFactory: (registry: Registry) =>
            createGrpcClient(contract, { ...options, target: `${registry.scheme}:///${contract.service}` }),
        })),
        ...observables,
        { provide: CLIENTS, inject: tokens, useFactory: (...clients: GrpcClient<Client>[]) => clients },
      ],
      exports: [...tokens, ...contracts.map(observableClientToken)],
    };
  }

  /**
   * Registers the server of this application once it listens, and takes it out of the registry before that stops: see
   * `SelfRegistration`, which is exported.
   * @example
   * imports: [DiscoveryModule.forRoot({ url }), DiscoveryModule.register({ service: 'inventory', port: 50051 })]
   */
  static register(options: SelfRegistrationOptions): DynamicModule {
    return SelfRegistrationModule.register(options);
  }

  /** The same, with options that are known later. */
  static registerAsync(options: ConfigurableModuleAsyncOptions<SelfRegistrationOptions>): DynamicModule {
    return SelfRegistrationModule.registerAsync(options);
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
