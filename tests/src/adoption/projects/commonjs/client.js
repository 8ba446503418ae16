const grpc = require('@grpc/grpc-js');
const { loadSync } = require('@grpc/proto-loader');
// call
const { openRegistry } = require('@rollcall/discovery');
const { createGrpcClient, registerResolver } = require('@rollcall/discovery/grpc');
// end

const { Greeter } = grpc.loadPackageDefinition(loadSync(`${__dirname}/greeter.proto`)).greeter.v1;

async function main() {
  // call
  registerResolver(await openRegistry(process.argv[2]));
  const greeter = createGrpcClient(Greeter, { target: 'file:///greeter' });
  // end

  await runCallers(async () => (await greeter.greet({ name: 'you' })).instance);
}
void main();
