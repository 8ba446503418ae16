const grpc = require('@grpc/grpc-js');
const { loadSync } = require('@grpc/proto-loader');
// register
const { openRegistry } = require('@rollcall/discovery');
const { serveGracefully } = require('@rollcall/discovery/grpc');
// end

const id = `greeter-${process.pid}`;
const { greeter } = grpc.loadPackageDefinition(loadSync(`${__dirname}/greeter.proto`));
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
