// call
import { openRegistry } from '@rollcall/discovery';
import { createGrpcClient, registerResolver } from '@rollcall/discovery/grpc';
// end
import { GreeterClient, GreetRequest } from './grpc-tools-service.cjs';

// call
registerResolver(await openRegistry(process.argv[2]));
const options = { target: 'file:///greeter', idempotentMethods: ['greet'] };
const greeter = createGrpcClient(GreeterClient, options);
// end

await runCallers(async () => (await greeter.greet(new GreetRequest().setName('you'))).getInstance());
