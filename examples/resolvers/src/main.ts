import './dns-authority.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { openRegistry, type Registry } from '@rollcall/discovery';
import {
  createGrpcClient,
  type GrpcContract,
  loadContract,
  registerResolver,
} from '@rollcall/discovery/grpc';
import { freePort, startRegistry } from '@rollcall/tools';

interface GreeterClient extends grpc.Client {
  Greet(request: { name: string }, callback: grpc.requestCallback<{ text: string }>): grpc.ClientUnaryCall;
}
const greeter: GrpcContract<GreeterClient> = {
  service: 'greeter',
  package: 'greeter.v1',
  grpcService: 'Greeter',
  protoPath: fileURLToPath(new URL('../greeter.proto', import.meta.url)),
};
const print = (line: string) => process.stdout.write(`${line}\n`);

/** A server that says its name. Listens on a free port of loopback, or on a socket file. */
async function serve(name: string, address = '127.0.0.1:0'): Promise<{ server: grpc.Server; port: number }> {
  const server = new grpc.Server();
  server.addService(loadContract(greeter).Client.service, {
    Greet: (_: unknown, callback: grpc.sendUnaryData<object>) => callback(null, { text: name }),
  });
  const insecure = grpc.ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, insecure, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { server, port };
}

/** The addresses that the resolver behind a target emits first. */
function resolvedBy(target: string): Promise<string> {
  const [, scheme, authority, path] = /^([a-z][a-z0-9]+):(?:\/\/([^/]*)\/)?(.+)$/.exec(target) ?? [];
  const uri = { scheme: scheme ?? 'dns', ...(authority && { authority }), path: path ?? target };
  return new Promise((done) => {
    const onResult: grpc.experimental.ResolverListener = (result) => {
      const text = result.ok
        ? result.value.flatMap(({ addresses }) => addresses.map(grpc.experimental.subchannelAddressToString))
        : [result.error.details];
      setImmediate(() => resolver.destroy());
      done(text.join(', '));
      return true;
    };
    const resolver = grpc.experimental.createResolver(uri, onResult, {});
    resolver.updateResolution();
  });
}

/** Who answers twenty calls, one after the other. */
async function answersFrom(target: string): Promise<string> {
  const client = createGrpcClient(greeter, { target });
  const names = new Set<string>();
  try {
    for (let i = 0; i < 20; i++, await sleep(5)) names.add((await client.greet({ name: 'you' })).text);
  } finally {
    client.close();
  }
  return [...names].toSorted().join(' and ');
}

// The registries: Consul with its DNS port, etcd, a directory. Consul runs as a process, because containers hide that port.
const dnsPort = await freePort();
const consul = await startRegistry('consul', { prefer: ['binary', 'image'], args: [`-dns-port=${dnsPort}`] });
const etcd = await startRegistry('etcd', { prefer: ['given', 'binary', 'image'] });
const directory = await mkdtemp(join(tmpdir(), 'rollcall-resolvers-'));
const urls = [consul.url, etcd.url, pathToFileURL(directory).href];
const registries: Registry[] = await Promise.all(urls.map((url) => openRegistry(url)));

// Two servers in all of them, and one on a socket file.
const servers = { anna: await serve('anna'), ben: await serve('ben') };
const socketFile = join(directory, 'carl.sock');
const carl = await serve('carl', `unix:${socketFile}`);
await Promise.all(
  Object.entries(servers).flatMap(([id, { port }]) =>
    registries.map((each) => each.register({ id, service: 'greeter', host: '127.0.0.1', port }).registered()),
  ),
);

// DNS is only watched: Consul writes its records. The second name makes it a target with an authority.
const dns = `127.0.0.1:${dnsPort}`;
const srv = await openRegistry(`srv://${dns}/{service}.service.consul`);
registries.push(srv);
for (const registry of registries) registerResolver(registry);
registerResolver(srv, { name: dns });

const [one, two] = [`127.0.0.1:${servers.anna.port}`, `127.0.0.1:${servers.ben.port}`];
for (const target of [
  `static:///${one},${two}`,
  `ipv4:${one},${two}`,
  `unix:${socketFile}`,
  one,
  `dns:///${two}`,
  `dns://${dns}/greeter.service.consul:${servers.anna.port}`,
  'srv:///greeter',
  'srv:///_greeter._tcp.service.consul',
  `srv://${dns}/greeter`,
  'consul:///greeter',
  'etcd:///greeter',
  'file:///greeter',
]) {
  const names = await answersFrom(target);
  print(`${target}\n  resolves to ${await resolvedBy(target)}\n  answered by ${names}`);
}
for (const target of ['zookeeper:///greeter', 'srv:///greeter?zone', 'etcd://other/greeter']) {
  const error = await answersFrom(target).catch((reason: Error) => reason.message);
  print(`${target}\n  ${error}`);
}

// Re-resolution: a hint opens a session with a lookup, at most one in a floor of 500 ms; failures back off.
const registry = await openRegistry(`${srv.location}?minIntervalMs=500`);
const watch = registry.watch('greeter');
await watch.ready();
const before = watch.why().counters.sessions;
for (let i = 0; i < 200; i++, await sleep(10)) watch.refresh();
print(`with 200 hints in 2 s: ${watch.why().counters.sessions - before} lookups`);

const failedAt: number[] = [];
watch.onChange(() => void failedAt.push(performance.now()));
await consul.kill();
await sleep(5_000);
const seconds = failedAt.map((at) => ((at - failedAt[0]!) / 1_000).toFixed(1));
const { instances, source } = watch.current;
print(`without the DNS server: lookups fail after ${seconds.join(', ')} s`);
print(`the list: ${instances.length} instances (${source})`);

for (const { server } of [...Object.values(servers), carl]) server.forceShutdown();
await Promise.all([registry, ...registries].map((each) => each.close()));
await Promise.all([consul.stop(), etcd.stop(), rm(directory, { recursive: true })]);
