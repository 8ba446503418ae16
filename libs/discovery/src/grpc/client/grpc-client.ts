import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  credentials as channelCredentials,
} from '@grpc/grpc-js';
import { invalidOption } from '../../model/invalid-option.js';
import { interceptors, type InterceptorsOptions } from '../interceptors/interceptors.js';
import type { MethodOptions, StreamMethodOptions } from '../interceptors/method-options.js';
import { assertResolved } from '../resolver/register-resolver.js';
import { toClientMethod } from './call-methods.js';
import { type ChannelSettings, discoveredChannelOptions } from './channel-options.js';
import type { GrpcContract } from './contract.js';
import { idempotentPaths, isUnary, type StubMethod, stubMethods } from './stub.js';
import type { GrpcClient, GrpcStub, KnownKey, Method, Methods } from './stub-types.js';

interface ClientSettings extends Omit<
  InterceptorsOptions,
  'idempotentMethods' | 'knownMethods' | 'methods' | 'client'
> {
  /** `consul:///inventory`, or any other target of grpc-js. */
  readonly target: string;
  /** Default insecure. grpc-js pools TLS connections by the identity of this object: create it once and share it. */
  readonly credentials?: ChannelCredentials;
  /** Load balancing, connections and outlier detection. */
  readonly channel?: Omit<ChannelSettings, 'retryPolicy'>;
  /** Have the last word on any channel option; a service config is validated. */
  readonly channelOptions?: ChannelOptions;
}

/** Options of {@link createGrpcClient} for a stub; without a type argument those that fit any stub. */
export type GrpcClientOptions<Stub = never> = [Stub] extends [never]
  ? ClientSettings
  : ClientSettings &
      MethodsSetting<Stub> &
      (CarriesIdempotency<Stub> extends true ? Partial<IdempotentMethods<Stub>> : IdempotentMethods<Stub>);

/** The options of any stub. */
type AnyOptions = ClientSettings & MethodsSetting<GrpcContract> & Partial<IdempotentMethods<GrpcContract>>;

interface MethodsSetting<Stub> {
  /** Settings of single methods, by name: `{ getInventory: { timeoutMs: 500 } }`. */
  readonly methods?: IsUntyped<Stub> extends true
    ? Readonly<Record<string, MethodOptions>>
    : {
        readonly [Name in keyof Methods<Stub>]?: Methods<Stub>[Name] extends Method<'unary', unknown, unknown>
          ? MethodOptions
          : StreamMethodOptions;
      };
}

interface IdempotentMethods<Stub> {
  /**
   * Names of the methods that may be retried, besides those whose proto says so (`idempotency_level`); `[]` for none. Needed if
   * the stub does not carry what the proto says: only proto-loader keeps it, from version 0.7.13 on. `['getInventory']`.
   */
  readonly idempotentMethods: readonly (IsUntyped<Stub> extends true ? string : UnaryName<Stub>)[];
}

type UnaryName<Stub> = {
  [Name in keyof Methods<Stub>]: Methods<Stub>[Name] extends Method<'unary', unknown, unknown> ? Name : never;
}[keyof Methods<Stub>];

type IsUntyped<Stub> = [keyof Methods<Stub>] extends [never] ? true : false;

/** Whether the types say that it does; what has no types is asked at run time. */
type CarriesIdempotency<Stub> =
  IsUntyped<Stub> extends true
    ? true
    : Stub extends { readonly protoPath: string }
      ? true
      : HasOptions<Stub extends { readonly service: infer Definition } ? Definition : Stub>;

/** Whether the methods of a definition have options, as those of proto-loader have. */
type HasOptions<Definition> = [KnownKey<Definition>] extends [never]
  ? false
  : Definition[KnownKey<Definition>] extends { readonly options: object }
    ? true
    : false;

/**
 * Creates a client of a discovered service whose calls survive the loss of an instance.
 * @example
 * createGrpcClient(greeter, { target: 'consul:///greeter' }); // a GrpcContract
 * createGrpcClient(GreeterService, { target: 'consul:///greeter', idempotentMethods: ['greet'] }); // ts-proto, grpc-tools
 * @throws {DiscoveryError} INVALID_TARGET, INVALID_OPTION.
 */
export function createGrpcClient<Stub extends GrpcStub>(
  stub: Stub,
  options: GrpcClientOptions<Stub>,
): GrpcClient<Stub> {
  const { target, credentials, channel, channelOptions: overrides, ...settings } = options as AnyOptions;
  const methods = stubMethods(stub);
  const client: Client = new Client(target, credentials ?? channelCredentials.createInsecure(), {
    // Without a retry policy: the interceptor retries, and both would multiply attempts.
    ...discoveredChannelOptions(channel, overrides),
    interceptors: interceptors({
      ...settings,
      idempotentMethods: idempotentPaths(methods, settings.idempotentMethods),
      knownMethods: [...methods.values()].map(({ path }) => path),
      methods: byPath(settings.methods ?? {}, methods),
      client: () => client,
    }),
  });
  assertResolved(client.getChannel(), target);
  const clientMethods: Record<string, unknown> = {
    close: () => client.close(),
    getConnectivityState: (tryToConnect: boolean) => client.getChannel().getConnectivityState(tryToConnect),
  };
  for (const [name, method] of methods) clientMethods[name] = toClientMethod(client, method);
  return clientMethods as GrpcClient<Stub>;
}

/** The settings of methods by their paths. */
function byPath(
  settings: Readonly<Record<string, MethodOptions>>,
  methods: ReadonlyMap<string, StubMethod>,
): Record<string, MethodOptions> {
  const paths: Record<string, MethodOptions> = {};
  for (const [name, options] of Object.entries(settings)) {
    const method = methods.get(name);
    if (!method)
      throw invalidOption(
        'methods',
        name,
        `there is no such method; choose from ${[...methods.keys()].join(', ')}`,
      );
    if (!isUnary(method) && (options.retry !== undefined || options.attemptTimeoutMs !== undefined))
      throw invalidOption(`methods.${name}`, options, 'only unary calls are retried: a stream has timeoutMs');
    paths[method.path] = options;
  }
  return paths;
}
