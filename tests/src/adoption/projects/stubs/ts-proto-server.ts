import * as grpc from '@grpc/grpc-js';
// register
import { openRegistry } from '@rollcall/discovery';
import { serveGracefully } from '@rollcall/discovery/grpc';
// end
import { type GreeterServer, GreeterService } from './generated/ts-proto/greeter.js';

const id = `greeter-${process.pid}`;
const handlers: GreeterServer = {
  greet: ({ request }, callback) => callback(null, { text: `Hello ${request.name}`, instance: id }),
};
const server = new grpc.Server();
server.addService(GreeterService, handlers);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), async (error, port) => {
  if (error) throw error;
  // register
  const registry = await openRegistry(process.argv[2]);
  serveGracefully(server, registry.register({ id, service: 'greeter', host: '127.0.0.1', port }));
  // end
});
