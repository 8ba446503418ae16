import * as grpc from '@grpc/grpc-js';
import { Registry } from '@rollcall/discovery';
import { createGrpcClient, loadContract, registerResolver } from '@rollcall/discovery/grpc';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { greeter } from './greeter.js';

const memory = new MemoryRegistry();
let registry: Registry;
let server: grpc.Server;

beforeEach(async () => {
  server = new grpc.Server();
  server.addService(loadContract(greeter).Client.service, {
    Greet: (call: grpc.ServerUnaryCall<{ name: string }, object>, callback: grpc.sendUnaryData<object>) =>
      callback(null, { text: `Hello ${call.request.name}.` }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  registry = new Registry(memory.open());
  registerResolver(registry);
  registry.register({ id: 'greeter-1', service: 'greeter', host: '127.0.0.1', port });
});
afterEach(async () => {
  await registry.close();
  server.forceShutdown();
  memory.outage(false);
});

it('calls a registered instance, also while the registry is down', async () => {
  const client = createGrpcClient(greeter, { target: 'memory:///greeter' });
  expect(await client.greet({ name: 'you' })).toEqual({ text: 'Hello you.' });
  memory.outage(true);
  expect(await client.greet({ name: 'you' })).toEqual({ text: 'Hello you.' });
  client.close();
});
