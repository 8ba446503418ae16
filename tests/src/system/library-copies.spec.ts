import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const modules = join(root, 'node_modules');

/** Node looks for packages here first, then in the node_modules of the repository. */
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'library-copies-'));
  const install = (name: string, from: string) => {
    const to = join(directory, 'node_modules', name);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to, { recursive: true, dereference: true, filter: (path) => path !== join(from, 'src') });
  };
  install('one', join(root, 'libs/discovery'));
  install('two', join(root, 'libs/discovery'));
  // A third copy, with a copy of grpc-js of its own.
  install('three', join(root, 'libs/discovery'));
  install('three/node_modules/@grpc/grpc-js', join(modules, '@grpc/grpc-js'));
  for (const scope of [
    '@grpc',
    '@js-sdsl',
    '@opentelemetry',
    'undici',
    'long',
    'protobufjs',
    '@protobufjs',
    'lodash.camelcase',
    'yargs',
  ])
    symlinkSync(join(modules, scope), join(directory, 'node_modules', scope));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs a program with `count(client)`, which calls 40 times and returns how often each server responded. */
async function run(program: string): Promise<unknown> {
  const prelude = `
    import { Server, ServerCredentials } from '@grpc/grpc-js';
    import { mkdtempSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const contract = {
      service: 'calls', package: 'calls.v1', grpcService: 'CallService', protoPath: 'calls.proto',
      includeDirs: [${JSON.stringify(join(root, 'tests/src/scenarios/calls'))}], loader: { defaults: true },
    };
    const copies = {};
    const load = async (name) => copies[name] ??= {
      ...await import(name), ...await import(name + '/grpc'),
    };
    const url = 'file://' + mkdtempSync(${JSON.stringify(join(directory, 'registry-'))});
    const serve = async (id, registry) => {
      const server = new Server();
      const respond = (_call, callback) => callback(null, { padding: Buffer.from(id) });
      server.addService((await load('one')).loadContract(contract).Client.service, { Get: respond, Add: respond });
      const port = await new Promise((resolve, reject) => server.bindAsync(
        '127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => error ? reject(error) : resolve(bound)));
      const registration = registry.register({ id, service: 'calls', host: '127.0.0.1', port });
      await registration.registered();
      return { stop: async () => { await registration.close(); server.forceShutdown(); } };
    };
    const count = async (client) => {
      const counts = {};
      for (let i = 0; i < 40; i++) {
        const id = await client.get({}).then(({ padding }) => String(padding), (error) => error.message);
        counts[id] = (counts[id] ?? 0) + 1;
      }
      return counts;
    };
    const untilBoth = async (client) => {
      for (let i = 0; i < 100 && Object.keys(await count(client)).length < 2; i++) await sleep(20);
    };
    const print = (result) => { console.log(JSON.stringify(result)); process.exit(0); };
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', prelude + program], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (output === '') throw new Error(errors);
  return JSON.parse(output);
}

it.each(['two', 'three'])(
  'a channel sees new instances after copy %s was loaded and has its own clients, and a listener the events of both',
  async (other) => {
    const result = await run(`
    const one = await load('one');
    const registered = [];
    one.onEvent('registration', ({ status, instance }) => status === 'registered' && registered.push(instance));
    const registry = await one.openRegistry(url);
    one.registerResolver(registry);
    const client = one.createGrpcClient(contract, { target: 'file:///calls' });
    const a = await serve('a', registry);
    const before = await count(client);

    const other = await load('${other}');
    const otherRegistry = await other.openRegistry(url);
    other.registerResolver(otherRegistry);
    const otherClient = other.createGrpcClient(contract, { target: 'file:///calls' });
    await otherClient.get({});
    const b = await serve('b', otherRegistry);
    await Promise.all([untilBoth(client), untilBoth(otherClient)]);
    const both = [await count(client), await count(otherClient)];

    await a.stop();
    const last = [await count(client), await count(otherClient)];
    const context = await one.withCallContext({ deadline: 7 }, async () => other.callContext());
    print({ before, both, last, context, registered, different: one.Registry !== other.Registry });
  `);
    const both = { a: 20, b: 20 };
    expect(result).toEqual({
      before: { a: 40 },
      both: [both, both],
      last: [{ b: 40 }, { b: 40 }],
      context: { deadline: 7 },
      registered: ['a', 'b'],
      different: true,
    });
  },
  60_000,
);

it('telemetry that is started in both copies counts each call, connection and instance of both once', async () => {
  const result = await run(`
    const { InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } =
      await import('@opentelemetry/sdk-metrics');
    const exporter = new InMemoryMetricExporter(1);
    const reader = new PeriodicExportingMetricReader({ exporter });
    const meterProvider = new MeterProvider({ readers: [reader] });
    const clients = [];
    for (const name of ['one', 'two']) {
      const copy = await load(name);
      (await import(name + '/telemetry')).startTelemetry({ meterProvider, tracerProvider: false });
      const registry = await copy.openRegistry(url);
      copy.registerResolver(registry);
      await serve(name, registry);
      clients.push(copy.createGrpcClient(contract, { target: 'file:///calls' }));
    }
    await Promise.all(clients.map(untilBoth));
    const collect = async () => {
      const { resourceMetrics } = await reader.collect();
      const metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
      const sum = (name) => metrics.find(({ descriptor }) => descriptor.name === name).dataPoints
        .reduce((total, { value }) => total + (value.count ?? value), 0);
      return {
        started: sum('grpc.client.attempt.started'),
        calls: sum('grpc.client.call.duration'),
        connections: sum('grpc.subchannel.open_connections'),
        instances: sum('discovery.instances'),
        registrations: sum('discovery.registrations'),
      };
    };
    const before = await collect();
    for (const client of clients) await count(client);
    const after = await collect();
    print({ ...after, started: after.started - before.started, calls: after.calls - before.calls });
  `);
  expect(result).toEqual({ started: 80, calls: 80, connections: 2, instances: 2, registrations: 2 });
}, 60_000);

it('a copy that cannot share what the first one has registered fails when it is loaded, and the first one goes on', async () => {
  const result = await run(`
    const one = await load('one');
    const registry = await one.openRegistry(url);
    one.registerResolver(registry);
    const client = one.createGrpcClient(contract, { target: 'file:///calls' });
    await serve('a', registry);
    const states = globalThis[Symbol.for('@rollcall/discovery/grpc')];
    const { experimental } = await import('@grpc/grpc-js');
    states.get(experimental).version = 99;
    const error = await load('two').then(() => 'loaded', ({ message }) => message);
    print({ error, counts: await count(client) });
  `);
  expect(result).toEqual({
    error: expect.stringMatching(/^INCOMPATIBLE_COPY: .* version 99 .* install one version/) as string,
    counts: { a: 40 },
  });
}, 60_000);
