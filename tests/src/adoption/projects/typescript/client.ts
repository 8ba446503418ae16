// call
import { openRegistry } from '@rollcall/discovery';
import { createGrpcClient, type GrpcContract, registerResolver } from '@rollcall/discovery/grpc';
// end
import { type GreeterClient, protoPath } from './greeter.js';

declare const runCallers: (call: () => Promise<string>) => Promise<void>;

const contract = { service: 'greeter', package: 'greeter.v1', grpcService: 'Greeter', protoPath };
// call
registerResolver(await openRegistry(process.argv[2]));
const greeter = createGrpcClient(contract as GrpcContract<GreeterClient>, { target: 'file:///greeter' });
// end

await runCallers(async () => (await greeter.greet({ name: 'you' })).instance);
