import type { EventEmitter } from 'node:events';
import {
  type ChannelCredentials,
  type ChannelOptions,
  type Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  type connectivityState,
  credentials as channelCredentials,
  type Interceptor,
  Metadata,
  type requestCallback,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { assertInteger } from '../../model/invalid-option.js';
import { ConnectivityTracker } from '../interceptors/connectivity-tracker.js';
import { deadlineInterceptor } from '../interceptors/deadline-interceptor.js';
import { retryInterceptor } from '../interceptors/retry-interceptor.js';
import { waitForReadyInterceptor } from '../interceptors/wait-for-ready-interceptor.js';
import { assertResolved } from '../resolver/register-resolver.js';
import { channelOptions, type ChannelSettings } from './channel-options.js';
import { type GrpcContract, loadContract } from './contract.js';

export interface CallOptions {
  /** When the response is due, in ms since the Unix epoch. Default: `defaultTimeoutMs` of the client from now. */
  readonly deadline?: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  readonly metadata?: Metadata;
  /** Called with the response headers and the address that sent them, `host:port`. */
  readonly onHeaders?: (headers: Metadata, peer: string) => void;
}

// TypeScript infers from the last overload of a generated method: (request, options?) of a server stream, (request,
// callback) of a unary method. Streams first, because they have all properties of a unary call.
type Method<M> = M extends (request: infer Request, ...rest: never[]) => ClientReadableStream<infer Response>
  ? (request: Request, options?: Omit<CallOptions, 'onHeaders'>) => ClientReadableStream<Response>
  : M extends (request: infer Request, callback: requestCallback<infer Response>) => ClientUnaryCall
    ? (request: Request, options?: CallOptions) => Promise<Response>
    : never;

/** The methods of a generated client in camel case: unary methods return promises, server streams async iterables. */
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
  readonly channel?: Omit<ChannelSettings, 'retryPolicy'>;
  /** Run once for each call, outside of deadline and retries. */
  readonly interceptors?: readonly Interceptor[];
  /** Have the last word on any channel option. */
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
      ...channelOptions(options.channel),
      ...options.channelOptions,
      interceptors: [
        ...(options.interceptors ?? []),
        deadlineInterceptor({ defaultTimeoutMs, deadlineMarginMs }),
        retryInterceptor({ idempotentMethods }, connectivity),
        ...(connectivity ? [waitForReadyInterceptor(connectivity)] : []),
      ],
    },
  );
  assertResolved(client.getChannel(), options.target);
  const methods: Record<string, unknown> = {
    close: () => client.close(),
    getConnectivityState: (tryToConnect: boolean) => client.getChannel().getConnectivityState(tryToConnect),
  };
  for (const [name, { requestStream, responseStream }] of Object.entries(Client.service)) {
    if (requestStream) continue;
    const method = client[name]!.bind(client);
    methods[name.charAt(0).toLowerCase() + name.slice(1)] = responseStream
      ? serverStream(method)
      : unary(method);
  }
  return methods as GrpcClient<C>;
}

type GeneratedMethod = (...args: never[]) => unknown;

function unary(method: GeneratedMethod): (request: unknown, options?: CallOptions) => Promise<unknown> {
  const start = method as (
    request: unknown,
    metadata: Metadata,
    options: { deadline?: number },
    callback: (error: ServiceError | null, response: unknown) => void,
  ) => ClientUnaryCall;
  return (request, { deadline, signal, metadata, onHeaders } = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const call = start(
        request,
        metadata ?? new Metadata(),
        deadline === undefined ? {} : { deadline },
        (error, response) => (error ? reject(error) : resolve(response)),
      );
      if (signal) cancelOnAbort(signal, call, 'status');
      if (onHeaders) call.once('metadata', (headers: Metadata) => onHeaders(headers, call.getPeer()));
    });
}

function serverStream(
  method: GeneratedMethod,
): (request: unknown, options?: CallOptions) => ClientReadableStream<unknown> {
  const start = method as (
    request: unknown,
    metadata: Metadata,
    options: { deadline?: number },
  ) => ClientReadableStream<unknown>;
  return (request, { deadline, signal, metadata } = {}) => {
    const call = start(request, metadata ?? new Metadata(), deadline === undefined ? {} : { deadline });
    if (signal?.aborted) call.cancel();
    else if (signal) cancelOnAbort(signal, call, 'close');
    // Leaving a loop early destroys the stream, which does not end the call in grpc-js.
    call.once('close', () => call.cancel());
    return call;
  };
}

/** Until the call emits `endEvent`. */
function cancelOnAbort(
  signal: AbortSignal,
  call: EventEmitter & { cancel(): void },
  endEvent: 'status' | 'close',
): void {
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  call.once(endEvent, () => signal.removeEventListener('abort', cancel));
}
