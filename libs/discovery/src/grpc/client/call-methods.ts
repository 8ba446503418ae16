import { type EventEmitter, once } from 'node:events';
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  Metadata,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { reachedAddress } from '../interceptors/intercepting-call.js';
import { ResponseStream } from './response-stream.js';

export interface CallOptions {
  /** When the response is due, in ms since the Unix epoch. Default: `defaultTimeoutMs` of the client from now. */
  readonly deadline?: number;
  /** Cancels the call, which then fails with the reason of the signal. */
  readonly signal?: AbortSignal;
  readonly metadata?: Metadata;
  /** Called with the response headers and the address that sent them, `host:port`. */
  readonly onHeaders?: (headers: Metadata, peer: string) => void;
}

/** What a failed call rejects with, unless its signal has aborted. */
export interface CallError extends ServiceError {
  /** The address of the instance that the call was sent to, `host:port`; undefined if it was not sent. */
  readonly peer?: string;
}

/** The messages of a client stream. */
export type Requests<Request> = AsyncIterable<Request> | Iterable<Request>;

type GrpcCall = EventEmitter & Pick<ClientUnaryCall, 'cancel' | 'getPeer'>;
type GeneratedMethod = (...args: unknown[]) => unknown;
type Callback = (error: ServiceError | null, response: unknown) => void;

/** The method of a `GrpcClient` for one of a generated client. */
export function toClientMethod(
  { requestStream, responseStream }: MethodDefinition<unknown, unknown>,
  method: GeneratedMethod,
): (input: never, options?: CallOptions) => unknown {
  if (requestStream) return responseStream ? duplexStream(method) : clientStream(method);
  return responseStream ? serverStream(method) : unary(method);
}

function unary(method: GeneratedMethod) {
  return (request: unknown, options: CallOptions = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (options.signal?.aborted) return reject(options.signal.reason);
      const callback: Callback = (error, response) =>
        error ? reject(toCallError(error, call, options)) : resolve(response);
      const call = method(request, ...startArguments(options), callback) as ClientUnaryCall;
      follow(call, 'status', options);
    });
}

function clientStream(method: GeneratedMethod) {
  return (requests: Requests<unknown>, options: CallOptions = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (options.signal?.aborted) return reject(options.signal.reason);
      const callback: Callback = (error, response) =>
        error ? reject(toCallError(error, call, options)) : resolve(response);
      const call = method(...startArguments(options), callback) as ClientWritableStream<unknown>;
      follow(call, 'status', options);
      send(requests, call).catch(reject);
    });
}

function serverStream(method: GeneratedMethod) {
  return (request: unknown, options: CallOptions = {}): ResponseStream<unknown> => {
    const call = method(request, ...startArguments(options)) as ClientReadableStream<unknown>;
    follow(call, 'close', options);
    return new ResponseStream(call, (error) => toCallError(error, call, options));
  };
}

function duplexStream(method: GeneratedMethod) {
  return (requests: Requests<unknown>, options: CallOptions = {}): ResponseStream<unknown> => {
    const call = method(...startArguments(options)) as ClientDuplexStream<unknown, unknown>;
    follow(call, 'close', options);
    const responses = new ResponseStream(call, (error) => toCallError(error, call, options));
    send(requests, call).catch((error: unknown) => responses.fail(error));
    return responses;
  };
}

function startArguments({ metadata, deadline }: CallOptions): [Metadata, { deadline?: number }] {
  // A clone, because interceptors may add to it, and callers share one between calls.
  return [metadata?.clone() ?? new Metadata(), deadline === undefined ? {} : { deadline }];
}

/** Until the call emits `endEvent`. */
function follow(call: GrpcCall, endEvent: 'status' | 'close', { signal, onHeaders }: CallOptions): void {
  if (onHeaders) call.once('metadata', (headers: Metadata) => onHeaders(headers, call.getPeer()));
  if (!signal) return;
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  call.once(endEvent, () => signal.removeEventListener('abort', cancel));
  if (signal.aborted) cancel();
}

function toCallError(error: ServiceError, call: GrpcCall, { signal }: CallOptions): unknown {
  if (signal?.aborted && error.code === status.CANCELLED) return signal.reason;
  const peer = reachedAddress(call);
  return peer === undefined ? error : Object.assign(error, { peer });
}

/** Sends the requests as fast as the instance takes them. Rejects if the iteration throws, and cancels the call. */
async function send(requests: Requests<unknown>, call: ClientWritableStream<unknown>): Promise<void> {
  const ended = new AbortController();
  call.once('status', () => ended.abort());
  try {
    for await (const request of requests) {
      if (ended.signal.aborted) return;
      // The event never comes if the call ends first.
      if (!call.write(request)) await once(call, 'drain', { signal: ended.signal }).catch(() => {});
    }
    call.end();
  } catch (error) {
    call.cancel();
    throw error;
  }
}
