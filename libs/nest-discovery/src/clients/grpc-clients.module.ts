import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Client } from '@grpc/grpc-js';
import type { Registry } from '@rollcall/discovery';
import {
  createGrpcClient,
  type GrpcClient,
  type GrpcClientOptions,
  type GrpcContract,
} from '@rollcall/discovery/grpc';
import { REGISTRY } from '../module/inject-registry.js';
import { getGrpcClientToken, getObservableClientToken } from './inject-grpc-client.js';
import { toObservableClient } from './observable-client.js';

export type GrpcClientsOptions = Omit<GrpcClientOptions, 'target'>;

const CLIENTS = Symbol('@rollcall/nest-discovery/clients');

@Module({})
export class GrpcClientsModule implements OnApplicationShutdown {
  constructor(@Inject(CLIENTS) private readonly clients: readonly GrpcClient<Client>[]) {}

  static forClients(contracts: readonly GrpcContract[], options: GrpcClientsOptions): DynamicModule {
    const tokens = contracts.map(getGrpcClientToken);
    return {
      module: GrpcClientsModule,
      providers: [
        ...contracts.map((contract) => ({
          provide: getGrpcClientToken(contract),
          inject: [REGISTRY],
          useFactory: (registry: Registry) =>
            createGrpcClient(contract, { ...options, target: `${registry.scheme}:///${contract.service}` }),
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
