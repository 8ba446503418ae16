/** A server in a process of its own: `node server.js <registry URL> <id>`. Replies to any message with its address. */
import { once } from 'node:events';
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from '@grpc/grpc-js';
import { openRegistry } from '@rollcall/discovery';
import { loadContract } from '@rollcall/discovery/grpc';
import { contract, type Request, type Response } from './contract.js';

const [registryUrl, id = ''] = process.argv.slice(2);
const text = 'x'.repeat(200);
const host = '127.0.0.1';

const server = new Server();
server.addService(loadContract(contract).Client.service, {
  Get: (_call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>) => reply(null, { text }),
});
const port = await new Promise<number>((resolve, reject) => {
  server.bindAsync(`${host}:0`, ServerCredentials.createInsecure(), (error, boundPort) =>
    error ? reject(error) : resolve(boundPort),
  );
});
const registry = await openRegistry(registryUrl);
await registry.register({ id, service: contract.service, host, port }).registered();
process.on('message', () => process.send?.(`${host}:${port}`));
process.send?.({});
await once(process, 'disconnect');
server.forceShutdown();
await registry.close();
