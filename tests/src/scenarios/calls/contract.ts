import { fileURLToPath } from 'node:url';
import type { Client, ClientReadableStream, ClientUnaryCall, requestCallback } from '@grpc/grpc-js';
import type { GrpcContract } from '@rollcall/discovery/grpc';

/** See calls.proto; fields that are left out are 0 or false. */
export interface Request {
  readonly responseBytes?: number;
  readonly earlyMetadata?: boolean;
  readonly delayMs?: number;
  readonly number?: number;
  readonly crash?: boolean;
}

export interface Response {
  readonly padding: Uint8Array;
}

type Unary = (request: Request, callback: requestCallback<Response>) => ClientUnaryCall;

export interface CallClient extends Client {
  /** Idempotent. */
  Get: Unary;
  /** Idempotent. */
  Report: Unary;
  /** Not idempotent: it must not be retried. */
  Add: Unary;
  Watch(request: Request): ClientReadableStream<Response>;
}

/** Metadata key of the id of the instance that responds. */
export const instanceIdKey = 'x-instance-id';

export function contractOf(service: string): GrpcContract<CallClient> {
  return {
    service,
    package: 'calls.v1',
    grpcService: 'CallService',
    protoPath: 'calls.proto',
    includeDirs: [fileURLToPath(new URL('../../../src/scenarios/calls', import.meta.url))],
    loader: { defaults: true },
  };
}
