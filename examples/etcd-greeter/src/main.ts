import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { advertisedAddress, Registry } from '@rollcall/discovery';
import { etcdBackend } from '@rollcall/discovery/etcd';
import {
  createGrpcClient,
  type GrpcContract,
  loadContract,
  registerResolver,
  serveGracefully,
} from '@rollcall/discovery/grpc';
import { startRegistry, TrackedProcess, until } from '@rollcall/tools';
import { config } from './config.js';

interface GreeterClient extends grpc.Client {
  Greet(request: { name: string }, callback: grpc.requestCallback<{ text: string }>): grpc.ClientUnaryCall;
}
const greeter: GrpcContract<GreeterClient> = {
  service: 'foo',
  package: 'greeter.v1',
  grpcService: 'Greeter',
  protoPath: fileURLToPath(new URL('../greeter.proto', import.meta.url)),
};
const print = (line: string) => process.stdout.write(`${line}\n`);

function openEtcd(): Registry {
  return new Registry(etcdBackend(config.etcd), {
    log: (level, message) => level !== 'info' && print(`${level}: ${message}`),
  });
}

async function serve(): Promise<void> {
  const registry = openEtcd();
  // The address of this machine on the way to etcd, which may not be loopback unless etcd is, too.
  const host = await advertisedAddress({ registryHost: registry.host });
  const { definition, Client } = loadContract(greeter);
  const server = new grpc.Server();
  let address = '';
  server.addService(Client.service, {
    Greet: ({ request }: { request: { name: string } }, callback: grpc.sendUnaryData<object>) =>
      callback(null, { text: `Hello ${request.name}, says ${address}.` }),
  });
  new ReflectionService(definition).addToServer(server);
  const insecure = grpc.ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`0.0.0.0:${config.port}`, insecure, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  address = `${host}:${port}`;
  const registration = registry.register({ id: `foo-${port}-${process.pid}`, service: 'foo', host, port });
  // On SIGTERM and SIGINT its lease is revoked, and calls in flight complete.
  serveGracefully(server, registration);
  await registration.registered();
  print(`registered at ${address}`);
}

async function callServers(): Promise<void> {
  const registry = openEtcd();
  registerResolver(registry);
  const client = createGrpcClient(greeter, {
    target: 'etcd:///foo',
    channel: { loadBalancing: 'round_robin' },
  });
  for (let i = 0; i < config.calls; i++, await sleep(50)) {
    const answer = await client.greet({ name: 'you' }).catch((error: Error) => ({ text: error.message }));
    print(answer.text);
  }
  client.close();
  await registry.close();
}

/** etcd, two servers and a client, each in a process. */
async function demo(): Promise<void> {
  const etcd = await startRegistry('etcd', { prefer: ['given', 'binary', 'container'] });
  let lines = 0;
  const run = (...args: string[]) =>
    TrackedProcess.start({
      command: process.execPath,
      args: [fileURLToPath(import.meta.url), ...args, `--etcd=${etcd.host}:${etcd.port}`],
      onLine: (line) => print(`${++lines} ${line}`),
    });
  const untilLine = (count: number) =>
    until(() => lines >= count, { deadlineMs: 60_000, describe: () => `${count} lines of output` });

  const servers = [await run('serve'), await run('serve')];
  await untilLine(2);
  const client = await run('call', '--calls=60');
  await untilLine(22);
  print('one server is stopped (SIGTERM)');
  await servers[0]!.stop(10_000);
  await client.exited;
  await servers[1]!.stop(10_000);
  await etcd.stop();
}

const roles: Record<string, () => Promise<void>> = { serve, call: callServers, demo };
const run = roles[config.role];
if (!run) throw new Error(`unknown role "${config.role}": use one of ${Object.keys(roles).join(', ')}`);
await run();
