import { openRegistry } from '@rollcall/discovery';
import { createGrpcClient, registerResolver } from '@rollcall/discovery/grpc';
import * as last from 'last-version';
import * as lastGrpc from 'last-version/grpc';

const protoPath = `${import.meta.dirname}/greeter.proto`;
const Greeter = { service: 'greeter', package: 'greeter.v1', grpcService: 'Greeter', protoPath };
const target = 'file:///greeter';
registerResolver(await openRegistry(process.argv[2]));
lastGrpc.registerResolver(await last.openRegistry(process.argv[2]));
const clients = [
  createGrpcClient(Greeter, { target }),
  lastGrpc.createGrpcClient({ ...Greeter }, { target }),
];

let calls = 0;
await runCallers(async () => (await clients[calls++ % 2].greet({ name: 'you' })).instance);
