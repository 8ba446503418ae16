import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
// call
import { openRegistry } from '@rollcall/discovery';
import { createGrpcClient, registerResolver } from '@rollcall/discovery/grpc';
// end

const { Greeter } = grpc.loadPackageDefinition(loadSync(`${import.meta.dirname}/greeter.proto`)).greeter.v1;
// call
registerResolver(await openRegistry(process.argv[2]));
const greeter = createGrpcClient(Greeter, { target: 'file:///greeter' });
// end

await runCallers(async () => (await greeter.greet({ name: 'you' })).instance);
