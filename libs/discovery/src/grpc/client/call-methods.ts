import { type EventEmitter, once } from 'node:events';
import {
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  type CallOptions as GrpcCallOptions,
  Metadata,
  type requestCallback,
  type ServiceError,
  status,
  type StatusObject,
} from '@grpc/grpc-js';
import { invalidOption } from '../../model/invalid-option.js';
import { reachedAddress } from '../interceptors/intercepting-call.js';
import type { CallOptions, Requests } from './call-options.js';
import { ResponseStream } from './response-stream.js';
import type { StubMethod } from './stub.js';

type GrpcCall = EventEmitter & Pick<ClientUnaryCall, 'cancel' | 'getPeer'>;
type Callback = requestCallback<unknown>;

/** The method of a `GrpcClient` for one of a service. */
export function toClientMethod(
  client: Client,
  method: StubMethod,
): (input: never, options?: CallOptions) => unknown {
  const { path, requestSerialize: serialize, responseDeserialize: deserialize } = method;
  if (method.requestStream && method.responseStream) {
    return duplexStream((metadata, options) =>
      client.makeBidiStreamRequest(path, serialize, deserialize, metadata, options),
    );
  }
  if (method.requestStream) {
    return clientStream((metadata, options, callback) =>
      client.makeClientStreamRequest(path, serialize, deserialize, metadata, options, callback),
    );
  }
  if (method.responseStream) {
    return serverStream((request, metadata, options) =>
      client.makeServerStreamRequest(path, serialize, deserialize, request, metadata, options),
    );
  }
  return unary((request, metadata, options, callback) =>
    client.makeUnaryRequest(path, serialize, deserialize, request, metadata, options, callback),
  );
}

function unary(
  start: (
    request: unknown,
    metadata: Metadata,
    options: GrpcCallOptions,
    callback: Callback,
  ) => ClientUnaryCall,
) {
  return (request: unknown, options: CallOptions = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (options.signal?.aborted) return reject(options.signal.reason);
      const call = start(request, metadataOf(options), grpcCallOptions(options), (error, response) =>
        error ? reject(toCallError(error, call, options)) : settle(resolve, response, options),
      );
      follow(call, 'status', options);
      if (options.onHeaders || options.onTrailers) report(call, options, reject);
    });
}

function clientStream(
  start: (metadata: Metadata, options: GrpcCallOptions, callback: Callback) => ClientWritableStream<unknown>,
) {
  return (requests: Requests<unknown>, options: CallOptions = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (options.signal?.aborted) return reject(options.signal.reason);
      const call = start(metadataOf(options), grpcCallOptions(options), (error, response) =>
        error ? reject(toCallError(error, call, options)) : settle(resolve, response, options),
      );
      follow(call, 'status', options);
      if (options.onHeaders || options.onTrailers) report(call, options, reject);
      send(requests, call).catch(reject);
    });
}

function serverStream(
  start: (request: unknown, metadata: Metadata, options: GrpcCallOptions) => ClientReadableStream<unknown>,
) {
  return (request: unknown, options: CallOptions = {}): ResponseStream<unknown> =>
    responsesOf(start(request, metadataOf(options), grpcCallOptions(options)), options);
}

function duplexStream(
  start: (metadata: Metadata, options: GrpcCallOptions) => ClientDuplexStream<unknown, unknown>,
) {
  return (requests: Requests<unknown>, options: CallOptions = {}): ResponseStream<unknown> => {
    const call = start(metadataOf(options), grpcCallOptions(options));
    const responses = responsesOf(call, options);
    send(requests, call).catch((error: unknown) => responses.fail(error));
    return responses;
  };
}

/** After the trailers, which grpc-js emits when the callback has returned. */
function settle(resolve: (response: unknown) => void, response: unknown, { onTrailers }: CallOptions): void {
  if (onTrailers) process.nextTick(resolve, response);
  else resolve(response);
}

function responsesOf(call: ClientReadableStream<unknown>, options: CallOptions): ResponseStream<unknown> {
  follow(call, 'close', options);
  const responses = new ResponseStream(call, (error) => toCallError(error, call, options));
  if (options.onHeaders || options.onTrailers) report(call, options, (error) => responses.fail(error));
  return responses;
}

/** A clone, because interceptors may add to it, and callers share one between calls. */
function metadataOf({ metadata }: CallOptions): Metadata {
  return metadata?.clone() ?? new Metadata();
}

/** @throws {DiscoveryError} INVALID_OPTION. */
function grpcCallOptions({ deadline, timeoutMs, credentials }: CallOptions): GrpcCallOptions {
  const options: GrpcCallOptions = {};
  if (deadline !== undefined) options.deadline = deadline;
  if (timeoutMs !== undefined) {
    if (!Number.isFinite(timeoutMs)) throw invalidOption('timeoutMs', timeoutMs, 'use a number of ms');
    options.deadline = Math.min(Date.now() + timeoutMs, deadline ?? Infinity);
  }
  if (credentials) options.credentials = credentials;
  return options;
}

/** Cancels the call with its signal, until it emits `endEvent`. */
function follow(call: GrpcCall, endEvent: 'status' | 'close', { signal }: CallOptions): void {
  if (!signal) return;
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  call.once(endEvent, () => signal.removeEventListener('abort', cancel));
  if (signal.aborted) cancel();
}

/** Calls the callbacks of the caller. `fail` gets what they throw; in a listener of grpc-js it would end the process. */
function report(
  call: GrpcCall,
  { onHeaders, onTrailers }: CallOptions,
  fail: (error: unknown) => void,
): void {
  const run = (callback: () => void) => {
    try {
      callback();
    } catch (error) {
      fail(error);
      call.cancel();
    }
  };
  if (onHeaders) call.once('metadata', (headers: Metadata) => run(() => onHeaders(headers, call.getPeer())));
  if (onTrailers)
    call.once('status', ({ metadata }: StatusObject) =>
      run(() => onTrailers(metadata, reachedAddress(call))),
    );
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
