import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as grpc from '@grpc/grpc-js';
import { advertisedAddress, parseRegistryUrl, Registry } from '@rollcall/discovery';
import { consulBackend } from '@rollcall/discovery/consul';
import {
  createGrpcClient,
  type GrpcContract,
  loadContract,
  registerResolver,
  serveGracefully,
} from '@rollcall/discovery/grpc';
import { startRegistry, TrackedProcess, until } from '@rollcall/tools';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Of the agent. */
    consul: { type: 'string', default: 'consul://127.0.0.1:8500' },
    port: { type: 'string', default: '50014' },
    /** Servers carry it, and the client calls only servers that do. */
    tag: { type: 'string' },
    datacenter: { type: 'string' },
    token: { type: 'string' },
    calls: { type: 'string', default: '100' },
  },
});

interface HelloClient extends grpc.Client {
  SayHello(request: { name: string }, callback: grpc.requestCallback<{ text: string }>): grpc.ClientUnaryCall;
}
const hello: GrpcContract<HelloClient> = {
  service: 'helloserver',
  package: 'hello.v1',
  grpcService: 'HelloServer',
  protoPath: fileURLToPath(new URL('../hello.proto', import.meta.url)),
};
const print = (line: string) => process.stdout.write(`${line}\n`);

/** A check with a TTL of 31 s, of which a third is between two heartbeats: one may get lost. */
function openConsul(): Registry {
  const { consul, datacenter, token } = flags;
  const [agent] = parseRegistryUrl(consul).hosts;
  const options = { ...agent, ttlMs: 31_000, ...(datacenter && { datacenter }), ...(token && { token }) };
  return new Registry(consulBackend(options), {
    log: (level, message) => level !== 'info' && print(`${level}: ${message}`),
  });
}

async function serve(): Promise<void> {
  const registry = openConsul();
  // The address of this machine on the way to Consul: loopback only if Consul is there, too.
  const host = await advertisedAddress({ registryHost: registry.host });
  const server = new grpc.Server();
  server.addService(loadContract(hello).Client.service, {
    SayHello: ({ request }: { request: { name: string } }, callback: grpc.sendUnaryData<object>) =>
      callback(null, { text: `Hello ${request.name}, says ${flags.port}.` }),
  });
  const insecure = grpc.ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${flags.port}`, insecure, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const registration = registry.register({
    // Unique per start of a process: two servers can never take each other's record.
    id: `helloserver-${port}-${process.pid}`,
    service: 'helloserver',
    host,
    port,
    tags: flags.tag ? [flags.tag] : [],
  });
  // On SIGTERM and SIGINT it is deregistered, and calls in flight complete.
  serveGracefully(server, registration);
  await registration.registered();
  print(`registered at ${host}:${port}`);
}

async function callServers(): Promise<void> {
  const registry = openConsul();
  registerResolver(registry);
  const target = `consul:///helloserver${flags.tag ? `?tag=${flags.tag}` : ''}`;
  // Answers alternate strictly: a second attempt beside a slow one would take another one's turn.
  const options = { channel: { loadBalancing: 'round_robin' }, retry: { hedging: false } } as const;
  const client = createGrpcClient(hello, { target, ...options });
  for (let i = 0; i < Number(flags.calls); i++, await sleep(50)) {
    const answer = await client.sayHello({ name: 'you' }).catch((error: Error) => ({ text: error.message }));
    print(answer.text);
  }
  client.close();
  await registry.close();
}

/** Consul, two servers and a client, each in a process. */
async function demo(): Promise<void> {
  const consul = await startRegistry('consul', { prefer: ['given', 'binary', 'container'], args: ['-ui'] });
  print(`Consul's UI: http://${consul.host}:${consul.port}/ui`);
  let lines = 0;
  const run = (...args: string[]) =>
    TrackedProcess.start({
      command: process.execPath,
      args: [fileURLToPath(import.meta.url), ...args, `--consul=${consul.url}`],
      onLine: (line) => print(`${++lines} ${line}`),
    });
  const untilLine = (count: number) =>
    until(() => lines >= count, { deadlineMs: 60_000, describe: () => `${count} lines of output` });

  const servers = [await run('serve', '--port=50014'), await run('serve', '--port=50015')];
  await untilLine(2);
  const client = await run('call', '--calls=60');
  await untilLine(22);
  print('50014 is killed (SIGKILL)');
  await servers[0]!.kill();
  await client.exited;
  await servers[1]!.stop(10_000);
  await consul.stop();
}

const roles: Record<string, () => Promise<void>> = { serve, call: callServers, demo };
const [role = 'demo'] = positionals;
if (!roles[role]) throw new Error(`unknown role "${role}": use one of ${Object.keys(roles).join(', ')}`);
await roles[role]();
