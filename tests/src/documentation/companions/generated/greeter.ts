// In the shape that ts-proto writes with `outputServices=grpc-js`.
interface GreetRequest {
  name: string;
}
interface GreetResponse {
  text: string;
}

declare function encode(message: object): Buffer;
declare function decode<Message>(bytes: Buffer): Message;

export const GreeterService = {
  greet: {
    path: '/greeter.v1.Greeter/Greet' as const,
    requestStream: false as const,
    responseStream: false as const,
    requestSerialize: (value: GreetRequest): Buffer => encode(value),
    requestDeserialize: (value: Buffer): GreetRequest => decode(value),
    responseSerialize: (value: GreetResponse): Buffer => encode(value),
    responseDeserialize: (value: Buffer): GreetResponse => decode(value),
  },
} as const;
