import { fileURLToPath } from 'node:url';
import type * as grpc from '@grpc/grpc-js';

export interface GreetRequest {
  name: string;
}
export interface GreetResponse {
  text: string;
  instance: string;
}
export interface GreeterClient extends grpc.Client {
  Greet(request: GreetRequest, callback: grpc.requestCallback<GreetResponse>): grpc.ClientUnaryCall;
}
export interface GreeterHandlers extends grpc.UntypedServiceImplementation {
  greet: grpc.handleUnaryCall<GreetRequest, GreetResponse>;
}
export const protoPath = fileURLToPath(new URL('../greeter.proto', import.meta.url));
