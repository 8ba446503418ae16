import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { openRegistry } from '@rollcall/discovery';
import {
  createGrpcClient,
  type GrpcContract,
  loadContract,
  registerResolver,
  serveGracefully,
} from '@rollcall/discovery/grpc';

interface GreeterClient extends grpc.Client {
  Greet(request: { name: string }, callback: grpc.requestCallback<{ text: string }>): grpc.ClientUnaryCall;
}
const protoPath = fileURLToPath(new URL('../greeter.proto', import.meta.url));
const greeter: GrpcContract<GreeterClient> = {
  service: 'greeter',
  package: 'greeter.v1',
  grpcService: 'Greeter',
  protoPath,
};

const [role, url] = process.argv.slice(2);
const registry = await openRegistry(url);
if (role === 'serve') {
  const id = `greeter-${process.pid}`;
  const server = new grpc.Server();
  server.addService(loadContract(greeter).Client.service, {
    Greet: (call: grpc.ServerUnaryCall<{ name: string }, object>, callback: grpc.sendUnaryData<object>) =>
      callback(null, { text: `Hello ${call.request.name}, says ${id}.` }),
  });
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    serveGracefully(server, registry.register({ id, service: 'greeter', host: '127.0.0.1', port }));
  });
} else {
  registerResolver(registry);
  const client = createGrpcClient(greeter, { target: `${registry.scheme}:///greeter` });
  for (let calls = 0; calls < 200; calls += 1, await setTimeout(100))
    console.log((await client.greet({ name: 'you' })).text);
  client.close();
  await registry.close();
}
