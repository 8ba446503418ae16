import { fileURLToPath } from 'node:url';
import type { Client, ClientUnaryCall, requestCallback } from '@grpc/grpc-js';
import type { GrpcContract } from '@rollcall/discovery/grpc';

export interface Request {
  readonly id: string;
}

export interface Response {
  readonly text: string;
}

export interface CallClient extends Client {
  Get(request: Request, callback: requestCallback<Response>): ClientUnaryCall;
}

export const contract: GrpcContract<CallClient> = {
  service: 'calls',
  package: 'bench.v1',
  grpcService: 'CallService',
  protoPath: 'calls.proto',
  includeDirs: [fileURLToPath(new URL('../../src/calls', import.meta.url))],
  loader: {},
};
