import type { ConfigurationSection, OptionsSource } from './section.js';

const discovery = 'libs/discovery/src';
const nest = 'libs/nest-discovery/src';
const shutdownTimes: OptionsSource = {
  file: `${discovery}/shutdown/graceful-shutdown.ts`,
  interface: 'ShutdownTimes',
};

export const serverSections: readonly ConfigurationSection[] = [
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
];
