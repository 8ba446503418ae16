import {
  type ChannelCredentials,
  type ChannelOptions,
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  type connectivityState,
  credentials as channelCredentials,
  type Interceptor,
  type requestCallback,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import type { RetryOptions } from '../../calling/retry-budget.js';
import { assertInteger } from '../../model/invalid-option.js';
import { ConnectivityTracker } from '../interceptors/connectivity-tracker.js';
import { deadlineInterceptor } from '../interceptors/deadline-interceptor.js';
import { retryInterceptor } from '../interceptors/retry-interceptor.js';
import { waitForReadyInterceptor } from '../interceptors/wait-for-ready-interceptor.js';
import { assertResolved } from '../resolver/register-resolver.js';
import { type CallOptions, type Requests, toClientMethod } from './call-methods.js';
import { channelOptions, type ChannelSettings } from './channel-options.js';
import { type GrpcContract, loadContract } from './contract.js';

// TypeScript infers from the last overload of a generated method: that with the fewest parameters.
type Method<M> = M extends (...args: never[]) => ClientDuplexStream<infer Request, infer Response>
  ? (requests: Requests<Request>, options?: CallOptions) => AsyncIterableIterator<Response>
  : M extends (callback: requestCallback<infer Response>) => ClientWritableStream<infer Request>
    ? (requests: Requests<Request>, options?: CallOptions) => Promise<Response>
    : // Before unary methods, because a stream has all properties of a unary call.
      M extends (request: infer Request, ...rest: never[]) => ClientReadableStream<infer Response>
      ? (request: Request, options?: CallOptions) => AsyncIterableIterator<Response>
      : M extends (request: infer Request, callback: requestCallback<infer Response>) => ClientUnaryCall
        ? (request: Request, options?: CallOptions) => Promise<Response>
        : never;

/**
 * The methods of a generated client in camel case. A method returns a promise of its response, or an async iterable of a
 * stream of responses; a stream of requests is an iterable.
 */
export type GrpcClient<C extends Client> = {
  readonly [
    Name in keyof C as Name extends Capitalize<string & Name> ? Uncapitalize<string & Name> : never
  ]: Method<C[Name]>;
} & {
  /** Closes the channel. Calls in flight run to their end. */
  close(): void;
  /** Whether an instance is connected (READY). `tryToConnect` connects a channel that has made no call yet. */
  getConnectivityState(tryToConnect: boolean): connectivityState;
};

export interface GrpcClientOptions {
  /** `consul:///inventory`, or any other target of grpc-js. */
  readonly target: string;
  /** Default insecure. grpc-js pools TLS connections by the identity of this object: create it once and share it. */
  readonly credentials?: ChannelCredentials;
  /** Timeout of a unary call without a deadline, in ms. Default 5,000. */
  readonly defaultTimeoutMs?: number;
  /** How much earlier than its incoming call a call ends, in ms: see {@link withCallContext}. Default 20. */
  readonly deadlineMarginMs?: number;
  /**
   * How long calls wait while no instance is ready, in ms: for the restart of an only instance, or for the first response
   * of a registry. The time counts from the loss of the last instance, so calls fail at once in a longer outage. Default
   * 3,000; 0: not at all.
   */
  readonly waitForReadyMs?: number;
  /** How idempotent methods are retried. */
  readonly retry?: RetryOptions;
  readonly channel?: Omit<ChannelSettings, 'retryPolicy'>;
  /** Run once for each call, outside of deadline and retries. */
  readonly interceptors?: readonly Interceptor[];
  /** Have the last word on any channel option; a service config is validated. */
  readonly channelOptions?: ChannelOptions;
}

/**
 * Creates a client of a discovered service whose calls survive the loss of an instance.
 * @throws {DiscoveryError} INVALID_TARGET, INVALID_OPTION.
 */
export function createGrpcClient<C extends Client>(
  contract: GrpcContract<C>,
  options: GrpcClientOptions,
): GrpcClient<C> {
  const { Client, idempotentMethods } = loadContract(contract);
  const { defaultTimeoutMs = 5_000, deadlineMarginMs = 20, waitForReadyMs = 3_000 } = options;
  assertInteger('defaultTimeoutMs', defaultTimeoutMs, 1);
  assertInteger('deadlineMarginMs', deadlineMarginMs, 0);
  assertInteger('waitForReadyMs', waitForReadyMs, 0);
  const connectivity =
    waitForReadyMs > 0 ? new ConnectivityTracker(() => client.getChannel(), waitForReadyMs) : undefined;
  const client: InstanceType<ServiceClientConstructor> = new Client(
    options.target,
    options.credentials ?? channelCredentials.createInsecure(),
    {
      // Without a retry policy: the interceptor retries, and both would multiply attempts.
      ...channelOptions(options.channel, options.channelOptions),
      interceptors: [
        ...(options.interceptors ?? []),
        deadlineInterceptor({ defaultTimeoutMs, deadlineMarginMs }),
        retryInterceptor({ ...options.retry, idempotentMethods }, connectivity),
        ...(connectivity ? [waitForReadyInterceptor(connectivity)] : []),
      ],
    },
  );
  assertResolved(client.getChannel(), options.target);
  const methods: Record<string, unknown> = {
    close: () => client.close(),
    getConnectivityState: (tryToConnect: boolean) => client.getChannel().getConnectivityState(tryToConnect),
  };
  for (const [name, definition] of Object.entries(Client.service)) {
    methods[name.charAt(0).toLowerCase() + name.slice(1)] = toClientMethod(
      definition,
      client[name]!.bind(client),
    );
  }
  return methods as GrpcClient<C>;
}
