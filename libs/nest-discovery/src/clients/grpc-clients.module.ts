import {
  type DynamicModule,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Client } from '@grpc/grpc-js';
import type { Registry } from '@rollcall/discovery';
import {
  createGrpcClient,
  type GrpcClient,
  type GrpcClientOptions,
  type GrpcContract,
} from '@rollcall/discovery/grpc';
import { assertVisible, REGISTRY } from '../module/inject-registry.js';
import {
  MODULE_OPTIONS_TOKEN,
  type ServiceDiscoveryModuleOptions,
} from '../module/service-discovery.module-definition.js';
import { getGrpcClientToken, getObservableClientToken } from './inject-grpc-client.js';
import { toObservableClient } from './observable-client.js';

export interface GrpcClientsOptions extends Omit<GrpcClientOptions, 'target'> {
  /** The module that `forRoot` returned, if it is not global. */
  readonly imports?: ModuleMetadata['imports'];
}

const CLIENTS = Symbol('@rollcall/nest-discovery/clients');

@Module({})
export class GrpcClientsModule implements OnApplicationShutdown {
  constructor(@Inject(CLIENTS) private readonly clients: readonly GrpcClient<Client>[]) {}

  static forClients(
    contracts: readonly GrpcContract[],
    { imports = [], ...options }: GrpcClientsOptions,
  ): DynamicModule {
    const tokens = contracts.map(getGrpcClientToken);
    return {
      module: GrpcClientsModule,
      imports,
      providers: [
        ...contracts.map((contract) => ({
          provide: getGrpcClientToken(contract),
          inject: [
            { token: REGISTRY, optional: true },
            { token: MODULE_OPTIONS_TOKEN, optional: true },
          ],
          useFactory: (registry?: Registry, { name = '' }: ServiceDiscoveryModuleOptions = {}) => {
            const { scheme } = assertVisible(registry, 'forClients(contracts, { imports: [discovery] })');
            return createGrpcClient(contract, {
              ...options,
              target: `${scheme}://${name}/${contract.service}`,
            });
          },
        })),
        ...contracts.map((contract) => ({
          provide: getObservableClientToken(contract),
          inject: [getGrpcClientToken(contract)],
          useFactory: toObservableClient<GrpcClient<Client>>,
        })),
        { provide: CLIENTS, inject: tokens, useFactory: (...clients: GrpcClient<Client>[]) => clients },
      ],
      exports: [...tokens, ...contracts.map(getObservableClientToken)],
    };
  }

  onApplicationShutdown(): void {
    for (const client of this.clients) client.close();
  }
}
