// call
import { openRegistry } from '@rollcall/discovery';
import { createGrpcClient, registerResolver } from '@rollcall/discovery/grpc';
// end

const protoPath = `${import.meta.dirname}/greeter.proto`;
const Greeter = { service: 'greeter', package: 'greeter.v1', grpcService: 'Greeter', protoPath };
// call
registerResolver(await openRegistry(process.argv[2]));
const greeter = createGrpcClient(Greeter, { target: 'file:///greeter' });
// end

await runCallers(async () => (await greeter.greet({ name: 'you' })).instance);
