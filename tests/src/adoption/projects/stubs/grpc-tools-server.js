import * as grpc from '@grpc/grpc-js';
// register
import { openRegistry } from '@rollcall/discovery';
import { serveGracefully } from '@rollcall/discovery/grpc';
// end
import { GreeterService, GreetResponse } from './grpc-tools-service.cjs';

const id = `greeter-${process.pid}`;
const server = new grpc.Server();
server.addService(GreeterService, {
  greet: (call, callback) => callback(null, new GreetResponse().setInstance(id)),
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), async (error, port) => {
  if (error) throw error;
  // register
  const registry = await openRegistry(process.argv[2]);
  serveGracefully(server, registry.register({ id, service: 'greeter', host: '127.0.0.1', port }));
  // end
});
