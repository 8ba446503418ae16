// call
import { openRegistry } from '@rollcall/discovery';
import { createGrpcClient, registerResolver } from '@rollcall/discovery/grpc';
// end
import { GreeterClient } from './generated/ts-proto/greeter.js';

declare const runCallers: (call: () => Promise<string>) => Promise<void>;

// call
registerResolver(await openRegistry(process.argv[2]));
const options = { target: 'file:///greeter', idempotentMethods: ['greet'] } as const;
const greeter = createGrpcClient(GreeterClient, options);
// end

await runCallers(async () => (await greeter.greet({ name: 'you' })).instance);
