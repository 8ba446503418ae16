import { fileURLToPath } from 'node:url';
import type { Client, ClientUnaryCall, requestCallback } from '@grpc/grpc-js';
import type { GrpcContract } from '@rollcall/discovery/grpc';

export interface GreeterClient extends Client {
  Greet(request: { name: string }, callback: requestCallback<{ text: string }>): ClientUnaryCall;
}

export const greeter: GrpcContract<GreeterClient> = {
  service: 'greeter',
  package: 'greeter.v1',
  grpcService: 'Greeter',
  protoPath: fileURLToPath(new URL('../../../examples/plain-grpc/greeter.proto', import.meta.url)),
};
