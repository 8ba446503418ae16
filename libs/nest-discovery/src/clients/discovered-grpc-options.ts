import type { ChannelCredentials, ChannelOptions } from '@grpc/grpc-js';
import { loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader';
import {
  channelOptions,
  type GrpcClientOptions,
  idempotentMethods,
  interceptors,
  type MethodOptions,
} from '@rollcall/discovery/grpc';

export interface DiscoveredGrpcOptions extends Omit<GrpcClientOptions, 'target'> {
  /** `consul:///inventory`, or any other target of grpc-js. */
  readonly url: string;
  /** As in Nest's own options. */
  readonly package: string | readonly string[];
  /** The proto files, as in Nest's own options. */
  readonly protoPath: string | readonly string[];
  /** Options of proto-loader, as in Nest's own options. */
  readonly loader?: Options;
  /** Added to those of `loader`. */
  readonly includeDirs?: readonly string[];
  /** Settings of single methods, by path: `{ '/shop.inventory.v1.InventoryService/GetInventory': { timeoutMs: 500 } }`. */
  readonly methods?: Readonly<Record<string, MethodOptions>>;
  /** Paths of methods that may be retried, besides those whose proto says so. */
  readonly idempotentMethods?: Iterable<string>;
}

/** `GrpcOptions` of `@nestjs/microservices`, a package that an application without its clients may not have. */
export interface NestGrpcOptions {
  /** `Transport.GRPC`. */
  readonly transport: 4;
  readonly options: {
    readonly url: string;
    readonly package: string | string[];
    readonly protoPath: string | string[];
    readonly loader: Options;
    readonly credentials?: ChannelCredentials;
    readonly channelOptions: ChannelOptions;
  };
}

/**
 * Options of Nest's own gRPC clients for a discovered service: `ClientsModule`, `@Client` or `ClientProxyFactory`. With
 * them `ClientGrpc` distributes its calls, and has the deadlines and retries of `createGrpcClient`. The client may be created
 * before the registry is open. See `discoveredClient` for one that takes the registry from its application.
 * @throws {DiscoveryError} INVALID_OPTION. @throws {Error} if the proto cannot be loaded.
 * @example
 * ClientsModule.register([{
 *   name: 'INVENTORY',
 *   ...discoveredGrpcOptions({ url: 'consul:///inventory', package: 'shop.inventory.v1', protoPath }),
 * }])
 */
export function discoveredGrpcOptions({
  url,
  package: packages,
  protoPath,
  loader,
  includeDirs = [],
  idempotentMethods: alsoIdempotent = [],
  ...options
}: DiscoveredGrpcOptions): NestGrpcOptions {
  const proto = {
    protoPath: copyOf(protoPath),
    loader: { ...loader, includeDirs: [...(loader?.includeDirs ?? []), ...includeDirs] },
  };
  const definition = loadSync(proto.protoPath, proto.loader);
  return {
    transport: 4,
    options: {
      url,
      package: copyOf(packages),
      ...proto,
      ...(options.credentials && { credentials: options.credentials }),
      channelOptions: {
        ...channelOptions(options.channel, options.channelOptions),
        // Nest creates a channel for each service of a package: each has a retry budget of its own.
        interceptors: interceptors({
          ...options,
          idempotentMethods: [...idempotentMethods(definition), ...alsoIdempotent],
          knownMethods: methodPaths(definition),
        }),
      } as ChannelOptions,
    },
  };
}

function methodPaths(definition: PackageDefinition): readonly string[] {
  const services = Object.values(definition).filter((value) => !('format' in value));
  return services.flatMap((service) => Object.values(service).map(({ path }: { path: string }) => path));
}

/** Nest's types take no `readonly` list. */
function copyOf(list: string | readonly string[]): string | string[] {
  return typeof list === 'string' ? list : [...list];
}
