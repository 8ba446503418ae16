interface TableHead {
  readonly title: string;
  /** Markdown between title and table. */
  readonly text?: string;
}

/** Where options are declared. */
export interface OptionsSource {
  readonly file: string;
  readonly interface: string;
  /** Those that the table leaves out. */
  readonly without?: readonly string[];
}

/** The properties of an interface. */
export interface OptionsTable extends TableHead, OptionsSource {
  /** Interfaces that it extends, and whose properties belong in the same table. */
  readonly and?: readonly OptionsSource[];
  /** The file that maps parameters of a registry's URL to these options. */
  readonly url?: string;
  /** Where the declaration does not say it. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** In place of types that only a compiler reads. */
  readonly types?: Readonly<Record<string, string>>;
}

/** The environment variables of a service. */
export interface VariablesTable extends TableHead {
  readonly variables: string;
}

export type ConfigurationTable = OptionsTable | VariablesTable;

export interface ConfigurationSection {
  readonly title: string;
  readonly text?: string;
  readonly tables: readonly ConfigurationTable[];
}

const discovery = 'libs/discovery/src';
const nest = 'libs/nest-discovery/src';
const grpcClient = `${discovery}/grpc/client/grpc-client.ts`;
const interceptors: OptionsSource = {
  file: `${discovery}/grpc/interceptors/interceptors.ts`,
  interface: 'InterceptorsOptions',
};
const shutdownTimes: OptionsSource = {
  file: `${discovery}/shutdown/graceful-shutdown.ts`,
  interface: 'ShutdownTimes',
};
const deadlines: OptionsSource = {
  file: `${discovery}/grpc/interceptors/deadline-interceptor.ts`,
  interface: 'DeadlineSettings',
};

export const configurationSections: readonly ConfigurationSection[] = [
  {
    title: 'A registry',
    text: '`openRegistry(url, options)`, and `new Registry(backend, options)` for a backend of your own. In Nest: `ServiceDiscoveryModule.forRoot(options)`.',
    tables: [
      {
        title: 'OpenRegistryOptions',
        file: `${discovery}/open-registry.ts`,
        interface: 'OpenRegistryOptions',
      },
      { title: 'RegistryOptions', file: `${discovery}/registry.ts`, interface: 'RegistryOptions' },
      {
        title: 'MembershipOptions',
        text: 'Options of a registry, too: how its lists are watched.',
        file: `${discovery}/watching/membership-options.ts`,
        interface: 'MembershipOptions',
      },
      {
        title: 'ShrinkGuardOptions',
        text: 'How mass removals are held back: `shrinkGuard` of a registry.',
        file: `${discovery}/watching/shrink-guard.ts`,
        interface: 'ShrinkGuardOptions',
      },
      {
        title: 'SnapshotOptions',
        text: '`snapshot` of a registry.',
        file: `${discovery}/watching/snapshot.ts`,
        interface: 'SnapshotOptions',
      },
      {
        title: 'BackoffOptions',
        text: '`backoff` of a registry: the delay between attempts to register or to watch.',
        file: `${discovery}/runtime/backoff.ts`,
        interface: 'BackoffOptions',
      },
    ],
  },
  {
    title: 'Consul',
    text: '`consul://agent:8500?dc=eu`, `consul+tls://:token@agent:8501?ca=/etc/consul/ca.pem`, or `consulBackend(options)`.',
    tables: [
      {
        title: 'ConsulOptions',
        file: `${discovery}/consul/options.ts`,
        interface: 'ConsulOptions',
        url: `${discovery}/consul/from-url.ts`,
      },
    ],
  },
  {
    title: 'etcd',
    text: '`etcd://user:password@h1:2379,h2:2379/?prefix=shop/`, `etcd+tls://h1?ca=/etc/etcd/ca.pem`, or `etcdBackend(options)`.',
    tables: [
      {
        title: 'EtcdOptions',
        file: `${discovery}/etcd/options.ts`,
        interface: 'EtcdOptions',
        url: `${discovery}/etcd/from-url.ts`,
      },
    ],
  },
  {
    title: 'DNS',
    text: '`srv://127.0.0.1:8600/{service}.service.consul`, `srv:///_grpc._tcp.{service}.example.org`, or `srvBackend(options)`. Only watched: see [Services in DNS](architecture.md#services-in-dns).',
    tables: [
      {
        title: 'SrvOptions',
        file: `${discovery}/srv/options.ts`,
        interface: 'SrvOptions',
        url: `${discovery}/srv/from-url.ts`,
      },
    ],
  },
  {
    title: 'A directory',
    text: '`file:///run/rollcall`, or `fileBackend(options)`. For the processes of one machine.',
    tables: [
      {
        title: 'FileOptions',
        file: `${discovery}/file/options.ts`,
        interface: 'FileOptions',
        url: `${discovery}/file/index.ts`,
      },
    ],
  },
  {
    title: 'TLS to a registry',
    tables: [
      {
        title: 'RegistryTls',
        text: '`tls` of Consul and etcd. In a URL with `+tls`, `ca`, `cert` and `key` are paths of PEM files.',
        file: `${discovery}/backend/backend-options.ts`,
        interface: 'RegistryTls',
      },
    ],
  },
  {
    title: 'Registering',
    tables: [
      {
        title: 'Instance',
        text: '`registry.register(instance)`. Required are `id`, `service`, `host` and `port`.',
        file: `${discovery}/model/instance.ts`,
        interface: 'Instance',
        defaults: { weight: '1', tags: 'none', metadata: 'none' },
      },
      {
        title: 'AdvertiseOptions',
        text: '`advertisedAddress(options)` finds the `host` of an instance.',
        file: `${discovery}/registering/advertised-address.ts`,
        interface: 'AdvertiseOptions',
      },
    ],
  },
  {
    title: 'Servers that shut down gracefully',
    tables: [
      {
        title: 'ServingOptions',
        text: '`serveGracefully(server, registrations, options)` for grpc-js and for `node:http`.',
        file: `${discovery}/shutdown/serving.ts`,
        interface: 'ServingOptions',
        and: [
          shutdownTimes,
          {
            file: `${discovery}/shutdown/termination.ts`,
            interface: 'TerminationOptions',
            without: ['signals'],
          },
        ],
      },
      {
        title: 'GrpcServingOptions',
        text: 'For grpc-js, and all `ServingOptions`.',
        file: `${discovery}/grpc/serving/serve-gracefully.ts`,
        interface: 'GrpcServingOptions',
      },
      {
        title: 'ConnectionLimits',
        text: '`new grpc.Server(serverOptions(limits))`, and `connections` of `GracefulGrpcServer`.',
        file: `${discovery}/grpc/serving/server-options.ts`,
        interface: 'ConnectionLimits',
      },
      {
        title: 'GracefulGrpcServerOptions',
        text: '`new GracefulGrpcServer(options)` of `@rollcall/nest-discovery/grpc-server`, and all options of `Transport.GRPC`.',
        file: `${nest}/grpc-server/graceful-grpc-server.ts`,
        interface: 'GracefulGrpcServerOptions',
        and: [shutdownTimes],
      },
    ],
  },
  {
    title: 'gRPC clients',
    tables: [
      {
        title: 'GrpcClientOptions',
        text: '`createGrpcClient(stub, options)`, and `ServiceDiscoveryModule.forClients(stubs, options)` without `target`.',
        file: grpcClient,
        interface: 'ClientSettings',
        and: [
          { file: grpcClient, interface: 'IdempotentMethods' },
          { file: grpcClient, interface: 'MethodsSetting' },
          { ...interceptors, without: ['idempotentMethods', 'methods', 'client'] },
          deadlines,
        ],
        defaults: { idempotentMethods: 'what the proto says; required if the stub does not carry it' },
        types: { idempotentMethods: '`string[]`', methods: '`{ [name]: MethodOptions }`' },
      },
      {
        title: 'MethodOptions',
        text: 'Settings of one method: `methods` of a client. Methods with streams have `timeoutMs` only.',
        file: `${discovery}/grpc/interceptors/method-options.ts`,
        interface: 'MethodOptions',
        and: [{ file: `${discovery}/grpc/interceptors/method-options.ts`, interface: 'StreamMethodOptions' }],
      },
      {
        title: 'CallOptions',
        text: 'The last argument of each method of a client.',
        file: `${discovery}/grpc/client/call-methods.ts`,
        interface: 'CallOptions',
      },
      {
        title: 'ChannelSettings',
        text: '`channel` of a client, and `channelOptions(settings)` for any channel of grpc-js.',
        file: `${discovery}/grpc/client/channel-options.ts`,
        interface: 'ChannelSettings',
      },
      {
        title: 'OutlierDetection',
        text: '`outlierDetection` of a channel.',
        file: `${discovery}/grpc/balancing/outlier-detection.ts`,
        interface: 'OutlierDetection',
      },
      {
        title: 'InterceptorsOptions',
        text: '`interceptors(options)`, for clients of grpc-js that `createGrpcClient` did not make.',
        ...interceptors,
        and: [deadlines],
      },
      {
        title: 'ResolverOptions',
        text: '`registerResolver(registry, options)`.',
        file: `${discovery}/grpc/resolver/register-resolver.ts`,
        interface: 'ResolverOptions',
      },
      {
        title: 'RetryPolicy',
        text: '`retryPolicy` of `channelOptions(settings)`, for channels without the interceptors of this library.',
        file: `${discovery}/grpc/client/channel-options.ts`,
        interface: 'RetryPolicy',
      },
      {
        title: 'ResumeOptions',
        text: '`resumeStream(open, options)`.',
        file: `${discovery}/grpc/client/resume-stream.ts`,
        interface: 'ResumeOptions',
      },
    ],
  },
  {
    title: 'HTTP clients',
    tables: [
      {
        title: 'DiscoverHttpOptions',
        text: '`discoverHttp(registry, service, options)`.',
        file: `${discovery}/http/discover-http.ts`,
        interface: 'DiscoverHttpOptions',
      },
      {
        title: 'InstanceFilter',
        text: '`filter` of an HTTP client, and `registry.watch(service, filter)`. A gRPC target has the same filter as its query: `consul:///inventory?tag=v2&zone=a`.',
        file: `${discovery}/model/instance-filter.ts`,
        interface: 'InstanceFilter',
      },
    ],
  },
  {
    title: 'Retries of gRPC and HTTP clients',
    tables: [
      {
        title: 'RetryOptions',
        text: '`retry` of a client.',
        file: `${discovery}/calling/retry-budget.ts`,
        interface: 'RetryOptions',
      },
      {
        title: 'RetryBudgetOptions',
        text: '`retry.budget` of a client.',
        file: `${discovery}/calling/retry-budget.ts`,
        interface: 'RetryBudgetOptions',
      },
    ],
  },
  {
    title: 'NestJS',
    tables: [
      {
        title: 'ServiceDiscoveryModuleOptions',
        text: '`ServiceDiscoveryModule.forRoot(options)`, and all options of a registry but `log`. With `forRootAsync`, `name` and `isGlobal` stand beside the factory.',
        file: `${nest}/module/service-discovery.module-definition.ts`,
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
  {
    title: 'Services of the service kit',
    tables: [
      {
        title: 'Environment variables',
        text: 'Each service of the shop reads these at its start. An empty variable counts as unset; an invalid one ends the start with a message that names it.',
        variables: 'libs/service-kit/src/config.ts',
      },
    ],
  },
];
