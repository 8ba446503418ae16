import type { ConfigurationSection, OptionsSource } from './section.js';

const discovery = 'libs/discovery/src';
const grpcClient = `${discovery}/grpc/client/grpc-client.ts`;
const interceptors: OptionsSource = {
  file: `${discovery}/grpc/interceptors/interceptors.ts`,
  interface: 'InterceptorsOptions',
};
const deadlines: OptionsSource = {
  file: `${discovery}/grpc/interceptors/deadline-interceptor.ts`,
  interface: 'DeadlineSettings',
};

export const clientSections: readonly ConfigurationSection[] = [
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
        file: `${discovery}/grpc/client/call-options.ts`,
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
];
