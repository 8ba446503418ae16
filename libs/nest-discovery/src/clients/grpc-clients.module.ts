import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Client } from '@grpc/grpc-js';
import { DiscoveryError } from '@rollcall/discovery';
import {
  createGrpcClient,
  type GrpcClient,
  type GrpcClientOptions,
  type GrpcStub,
} from '@rollcall/discovery/grpc';
import { assertVisible } from '../module/inject-registry.js';
import { getRegistryTargetsToken, type RegistryTargets } from '../module/registry-targets.js';
import {
  type AsyncGrpcClientDefinition,
  type GrpcClientDefinition,
  type GrpcClientIdentity,
  type GrpcClientSettings,
  targetOfClient,
} from './grpc-client-definition.js';
import { getGrpcClientToken, getObservableClientToken } from './inject-grpc-client.js';
import { toObservableClient } from './observable-client.js';

export interface GrpcClientsImports {
  /** The module that `forRoot` returned, if it is not global. */
  readonly imports?: ModuleMetadata['imports'];
}

export interface GrpcClientsOptions extends Omit<GrpcClientOptions, 'target'>, GrpcClientsImports {}

const CLIENTS = Symbol('@rollcall/nest-discovery/clients');

@Module({})
export class GrpcClientsModule implements OnApplicationShutdown {
  constructor(@Inject(CLIENTS) private readonly clients: readonly GrpcClient<Client>[]) {}

  static forClients(
    clients: readonly GrpcClientDefinition[],
    { imports = [], ...defaults }: GrpcClientsOptions,
  ): DynamicModule {
    const definitions = clients.map((client): AsyncGrpcClientDefinition => {
      if (!('contract' in client)) return { contract: client, useFactory: () => defaults };
      return { ...client, useFactory: () => ({ ...defaults, ...settingsOf(client) }) };
    });
    return GrpcClientsModule.forClientsAsync(definitions, { imports });
  }

  static forClientsAsync(
    clients: readonly AsyncGrpcClientDefinition[],
    { imports = [] }: GrpcClientsImports,
  ): DynamicModule {
    const tokens = clients.map(({ contract, name }) => getGrpcClientToken(contract, name));
    assertDistinct(tokens);
    const observableTokens = clients.map(({ contract, name }) => getObservableClientToken(contract, name));
    return {
      module: GrpcClientsModule,
      imports: [...imports, ...clients.flatMap((client) => client.imports ?? [])],
      providers: [
        ...clients.map(provideClient),
        ...clients.map((_, i) => ({
          provide: observableTokens[i]!,
          inject: [tokens[i]!],
          useFactory: toObservableClient<GrpcClient<Client>>,
        })),
        { provide: CLIENTS, inject: tokens, useFactory: (...created: GrpcClient<Client>[]) => created },
      ],
      exports: [...tokens, ...observableTokens],
    };
  }

  onApplicationShutdown(): void {
    for (const client of this.clients) client.close();
  }
}

function settingsOf({
  contract: _contract,
  service: _service,
  name: _name,
  registry: _registry,
  ...settings
}: GrpcClientIdentity & GrpcClientSettings): GrpcClientSettings {
  return settings;
}

function provideClient({
  inject = [],
  useFactory,
  ...identity
}: AsyncGrpcClientDefinition): FactoryProvider<GrpcClient<Client>> {
  return {
    provide: getGrpcClientToken(identity.contract, identity.name),
    inject: [{ token: getRegistryTargetsToken(identity.registry), optional: true }, ...inject],
    useFactory: async (targets: RegistryTargets | undefined, ...dependencies: unknown[]) =>
      createClient(identity, await useFactory(...dependencies), targets),
  };
}

function createClient(
  identity: GrpcClientIdentity,
  { filter, target, ...options }: GrpcClientSettings,
  targets: RegistryTargets | undefined,
): GrpcClient<Client> {
  const inRegistry: RegistryTargets['targetOf'] = (...service) => {
    const howToImport = 'forClients(contracts, { imports: [discovery] })';
    return assertVisible(targets, howToImport, identity.registry).targetOf(...service);
  };
  const where = { ...(filter && { filter }), ...(target !== undefined && { target }) };
  return createGrpcClient<GrpcStub>(identity.contract, {
    ...options,
    target: targetOfClient(identity, where, inRegistry),
  });
}

/** Nest would take the last one. */
function assertDistinct(tokens: readonly string[]): void {
  const twice = tokens.find((token, i) => tokens.indexOf(token) !== i);
  if (twice === undefined) return;
  const client = twice.slice(twice.lastIndexOf('/') + 1);
  throw new DiscoveryError('INVALID_OPTION', `client ${client} is provided twice: give one of them a "name"`);
}
