import type { ConfigurationSection } from './section.js';

const nest = 'libs/nest-discovery/src';

export const nestSections: readonly ConfigurationSection[] = [
  {
    title: 'NestJS',
    tables: [
      {
        title: 'ServiceDiscoveryModuleOptions',
        text: '`ServiceDiscoveryModule.forRoot(options)`, and all options of a registry but `log`. With `forRootAsync`, `name` and `isGlobal` stand beside the factory.',
        file: `${nest}/module/open-module-registry.ts`,
        interface: 'ServiceDiscoveryModuleOptions',
        and: [
          {
            file: `${nest}/module/service-discovery.module-definition.ts`,
            interface: 'ServiceDiscoveryModuleExtras',
          },
        ],
        defaults: { name: 'none', isGlobal: 'true' },
      },
      {
        title: 'GrpcClientsOptions',
        text: '`ServiceDiscoveryModule.forClients(clients, options)`, and all `GrpcClientOptions` but `target`.',
        file: `${nest}/clients/grpc-clients.module.ts`,
        interface: 'GrpcClientsImports',
      },
      {
        title: 'GrpcClientDefinition',
        text: 'A client of `forClients`: a contract, or this, and all `GrpcClientOptions`.',
        file: `${nest}/clients/grpc-client-definition.ts`,
        interface: 'GrpcClientIdentity',
        and: [{ file: `${nest}/clients/grpc-client-definition.ts`, interface: 'GrpcClientSettings' }],
      },
      {
        title: 'InjectGrpcClientOptions',
        text: '`@InjectGrpcClient(contract, options)`.',
        file: `${nest}/clients/inject-grpc-client.ts`,
        interface: 'InjectGrpcClientOptions',
      },
      {
        title: 'DiscoveredClientOptions',
        text: '`discoveredClient(name, options)` for `ClientsModule`, and all `GrpcClientOptions` but `target`.',
        file: `${nest}/clients/discovered-client.ts`,
        interface: 'DiscoveredClientOptions',
        and: [
          {
            file: `${nest}/clients/discovered-grpc-options.ts`,
            interface: 'DiscoveredGrpcOptions',
            without: ['url'],
          },
        ],
      },
      {
        title: 'InstanceRegistrationOptions',
        text: '`ServiceDiscoveryModule.register(options)`, and the fields of an instance.',
        file: `${nest}/registration/instance-registration.module-definition.ts`,
        interface: 'InstanceRegistrationOptions',
        and: [
          {
            file: `${nest}/registration/instance-registration.module-definition.ts`,
            interface: 'InstanceRegistrationExtras',
          },
        ],
        defaults: { imports: 'none', registry: 'the registry without a name' },
      },
      {
        title: 'RegistrationHealthOptions',
        text: '`RegistrationHealthIndicator.isHealthy(key, options)`.',
        file: `${nest}/health/registration-health.indicator.ts`,
        interface: 'RegistrationHealthOptions',
      },
      {
        title: 'ServiceHealthOptions',
        text: '`ServiceHealthIndicator.isHealthy(key, options)`.',
        file: `${nest}/health/service-health.indicator.ts`,
        interface: 'ServiceHealthOptions',
      },
    ],
  },
];
