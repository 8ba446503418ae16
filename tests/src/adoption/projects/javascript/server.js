import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
// register
import { openRegistry } from '@rollcall/discovery';
import { serveGracefully } from '@rollcall/discovery/grpc';
// end

const id = `greeter-${process.pid}`;
const { greeter } = grpc.loadPackageDefinition(loadSync(`${import.meta.dirname}/greeter.proto`));
const server = new grpc.Server();
server.addService(greeter.v1.Greeter.service, {
  greet: ({ request }, callback) => callback(null, { text: `Hello ${request.name}`, instance: id }),
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), async (error, port) => {
  if (error) throw error;
  // register
  const registry = await openRegistry(process.argv[2]);
  serveGracefully(server, registry.register({ id, service: 'greeter', host: '127.0.0.1', port }));
  // end
});
