import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
// register
import { openRegistry } from '@rollcall/discovery';
import { serveGracefully } from '@rollcall/discovery/grpc';
// end
import type { ProtoGrpcType } from './generated/proto-loader/greeter.js';
import type { GreeterHandlers } from './generated/proto-loader/greeter/v1/Greeter.js';

const id = `greeter-${process.pid}`;
const definition = loadSync(fileURLToPath(new URL('../greeter.proto', import.meta.url)), { defaults: true });
const { Greeter } = (grpc.loadPackageDefinition(definition) as unknown as ProtoGrpcType).greeter.v1;
const handlers: GreeterHandlers = {
  Greet: ({ request }, callback) => callback(null, { text: `Hello ${request.name}`, instance: id }),
};
const server = new grpc.Server();
server.addService(Greeter.service, handlers);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), async (error, port) => {
  if (error) throw error;
  // register
  const registry = await openRegistry(process.argv[2]);
  serveGracefully(server, registry.register({ id, service: 'greeter', host: '127.0.0.1', port }));
  // end
});
