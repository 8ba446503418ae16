import type { EventEmitter } from 'node:events';
import {
  type ChannelCredentials,
  type ChannelOptions,
  type Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  credentials as channelCredentials,
  type Interceptor,
  Metadata,
  type requestCallback,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { assertInteger } from '../../model/assert-integer.js';
import { channelOptions, type ChannelSettings } from './channel-options.js';
import { assertDiscovered } from '../resolver/register-resolver.js';
import { type GrpcContract, loadContract } from './contract.js';
import { deadlineInterceptor } from '../interceptors/deadline-interceptor.js';
import { ConnectivityTracker } from '../interceptors/connectivity-tracker.js';
import { waitForReadyInterceptor } from '../interceptors/wait-for-ready-interceptor.js';
import { retryInterceptor } from '../interceptors/retry-interceptor.js';

export interface CallOptions {
  /** When the answer is no longer wanted, in ms since the Unix epoch. Default: the client's `defaultDeadlineMs` from now. */
  readonly deadline?: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  readonly metadata?: Metadata;
  /** Hears the headers of the response, and from which address they came, `host:port`. */
  readonly onHeaders?: (headers: Metadata, peer: string) => void;
}

type CamelCase<Name extends string> = Uncapitalize<Name>;

// The last of grpc-js' overloads is what inference sees: (request, options?) for server streams, (request, callback)
// for unary methods. Streams first: what they return has all that a unary call has.
type Method<M> = M extends (request: infer Request, ...rest: never[]) => ClientReadableStream<infer Response>
  ? (request: Request, options?: Omit<CallOptions, 'onHeaders'>) => ClientReadableStream<Response>
  : M extends (request: infer Request, callback: requestCallback<infer Response>) => ClientUnaryCall
    ? (request: Request, options?: CallOptions) => Promise<Response>
    : never;

/** The methods of a generated client in camel case: unary ones return promises, server streams async iterables. */
export type GrpcClient<C extends Client> = {
  readonly [
    Name in keyof C as Name extends Capitalize<string & Name> ? CamelCase<string & Name> : never
  ]: Method<C[Name]>;
} & {
  /** Closes the channel. Calls in flight run to their end. */
  close(): void;
};

export interface GrpcClientOptions {
  /** `consul:///inventory`, or any other target of grpc-js. */
  readonly target: string;
  /** TLS credentials are pooled by identity: make them once, share them. Default insecure. */
  readonly credentials?: ChannelCredentials;
  /** Deadline of a unary call that comes without one, in ms from its start. Default 5,000. */
  readonly defaultTimeoutMs?: number;
  /** How much earlier than the incoming call's own a deadline lies that is passed on, in ms: see {@link runWithin}. Default 20. */
  readonly deadlineMarginMs?: number;
  /**
   * How long calls wait while no instance is ready, in ms: for the restart of an only one, for the first word of a
   * registry. Counted from when the last one was lost, so that in a longer outage calls fail at once. Default 3,000; 0:
   * not at all.
   */
  readonly waitForReadyMs?: number;
  readonly channel?: Omit<ChannelSettings, 'retryMethods'>;
  /** Run around each call as the caller sees it, outside of deadline and re-issue. */
  readonly interceptors?: readonly Interceptor[];
  /** Last word on any channel option. */
  readonly channelOptions?: ChannelOptions;
}

/**
 * A client of a discovered service whose calls survive the loss of an instance.
 * @throws {DiscoveryError} INVALID_TARGET, INVALID_OPTION.
 */
export function createGrpcClient<C extends Client>(
  contract: GrpcContract<C>,
  options: GrpcClientOptions,
): GrpcClient<C> {
  const { Client, idempotent } = loadContract(contract);
  const { defaultTimeoutMs = 5_000, deadlineMarginMs = 20, waitForReadyMs = 3_000 } = options;
  assertInteger('defaultDeadlineMs', defaultTimeoutMs, 1);
  assertInteger('deadlineMarginMs', deadlineMarginMs, 0);
  assertInteger('waitForReadyMs', waitForReadyMs, 0);
  const connectivity =
    waitForReadyMs > 0 ? new ConnectivityTracker(() => client.getChannel(), waitForReadyMs) : undefined;
  const client: InstanceType<ServiceClientConstructor> = new Client(
    options.target,
    options.credentials ?? channelCredentials.createInsecure(),
    {
      // No retry policy: calls are sent again by the interceptor, which can do more. Both would multiply attempts.
      ...channelOptions(options.channel),
      ...options.channelOptions,
      interceptors: [
        ...(options.interceptors ?? []),
        deadlineInterceptor({ defaultTimeoutMs: defaultTimeoutMs, marginMs: deadlineMarginMs }),
        retryInterceptor({ methods: idempotent, ...(connectivity && { connectivity }) }),
        ...(connectivity ? [waitForReadyInterceptor(connectivity)] : []),
      ],
    },
  );
  assertDiscovered(client.getChannel(), options.target);
  const methods: Record<string, unknown> = { close: () => client.close() };
  for (const [name, { requestStream, responseStream }] of Object.entries(Client.service)) {
    if (requestStream) continue;
    const method = client[name]!.bind(client);
    methods[name.charAt(0).toLowerCase() + name.slice(1)] = responseStream
      ? streaming(method)
      : unary(method);
  }
  return methods as GrpcClient<C>;
}

type Raw = (...args: never[]) => unknown;

function unary(method: Raw): (request: unknown, options?: CallOptions) => Promise<unknown> {
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
      if (signal) cancelWith(signal, call, 'status');
      if (onHeaders) call.once('metadata', (headers: Metadata) => onHeaders(headers, call.getPeer()));
    });
}

function streaming(method: Raw): (request: unknown, options?: CallOptions) => ClientReadableStream<unknown> {
  const start = method as (
    request: unknown,
    metadata: Metadata,
    options: { deadline?: number },
  ) => ClientReadableStream<unknown>;
  return (request, { deadline, signal, metadata } = {}) => {
    const call = start(request, metadata ?? new Metadata(), deadline === undefined ? {} : { deadline });
    if (signal?.aborted) call.cancel();
    else if (signal) cancelWith(signal, call, 'close');
    // A loop that is left early destroys the stream, which for grpc-js does not end the call.
    call.once('close', () => call.cancel());
    return call;
  };
}

/** Until it emits `end`. */
function cancelWith(
  signal: AbortSignal,
  call: EventEmitter & { cancel(): void },
  end: 'status' | 'close',
): void {
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  call.once(end, () => signal.removeEventListener('abort', cancel));
}
