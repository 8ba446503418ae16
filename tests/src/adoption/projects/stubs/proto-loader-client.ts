import { fileURLToPath } from 'node:url';
import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
// call
import { openRegistry } from '@rollcall/discovery';
import { createGrpcClient, registerResolver } from '@rollcall/discovery/grpc';
// end
import type { ProtoGrpcType } from './generated/proto-loader/greeter.js';

declare const runCallers: (call: () => Promise<string>) => Promise<void>;

const definition = loadSync(fileURLToPath(new URL('../greeter.proto', import.meta.url)), { defaults: true });
const { Greeter } = (loadPackageDefinition(definition) as unknown as ProtoGrpcType).greeter.v1;
// call
registerResolver(await openRegistry(process.argv[2]));
const greeter = createGrpcClient(Greeter, { target: 'file:///greeter' });
// end

await runCallers(async () => (await greeter.greet({ name: 'you' })).instance ?? 'unknown');
