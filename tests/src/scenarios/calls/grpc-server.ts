import {
  ResponderBuilder,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import { loadContract, serveGracefully } from '@rollcall/discovery/grpc';
import { contractOf, instanceIdKey, type Request, type Response } from './contract.js';
import type { InstanceServer, InstanceWork, Method } from './instance-work.js';

export function grpcServer(service: string, id: string, work: InstanceWork): InstanceServer {
  const server = new Server({
    interceptors: [
      (_method, call) =>
        new ServerInterceptingCall(
          call,
          new ResponderBuilder()
            .withSendMetadata((metadata, next) => {
              metadata.set(instanceIdKey, id);
              next(metadata);
            })
            .build(),
        ),
    ],
  });
  const unary =
    (method: Method) =>
    (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>): void => {
      if (call.request.earlyMetadata && !work.failing) call.sendMetadata(call.metadata.clone());
      work.run(method, call.request, (padding) => {
        if (padding) reply(null, { padding });
        else reply({ code: status.UNAVAILABLE, details: 'failing' });
      });
    };
  server.addService(loadContract(contractOf(service)).Client.service, {
    Get: unary('get'),
    Report: unary('report'),
    Add: unary('add'),
    Watch(call: ServerWritableStream<Request, Response>): void {
      work.run('watch', call.request, (padding) => padding && call.write({ padding }));
    },
  });
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, taken) =>
          error ? reject(error) : resolve(taken),
        );
      }),
    serveGracefully: (registration, options) => serveGracefully(server, registration, options),
  };
}
