import { resolve } from 'node:path';
import type * as grpc from '@grpc/grpc-js';

export interface GreeterClient extends grpc.Client {
  Greet(
    request: { name: string },
    callback: grpc.requestCallback<{ text: string; instance: string }>,
  ): grpc.ClientUnaryCall;
}

export const Greeter = {
  service: 'greeter',
  package: 'greeter.v1',
  grpcService: 'Greeter',
  protoPath: resolve(process.argv[1]!, '../../greeter.proto'),
};
