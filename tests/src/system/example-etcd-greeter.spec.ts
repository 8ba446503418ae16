import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, credentials } from '@grpc/grpc-js';
import {
  etcdctlForTests,
  registryForTests,
  type RegistryServer,
  startRegistryAt,
  TrackedProcess,
  until,
} from '@rollcall/tools';
import { afterEach, describe, expect, it } from 'vitest';
import { httpApi } from '../environments/http-api.js';

const program = fileURLToPath(new URL('../../../examples/etcd-greeter/dist/main.js', import.meta.url));
const location = await registryForTests('etcd', { prefer: ['binary', 'container'] });
const etcdctl = await etcdctlForTests();

const processes: TrackedProcess[] = [];
let etcd: RegistryServer | undefined;
afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.kill()));
  await etcd?.stop();
});

/** The first of two endpoints does not exist. */
const endpoints = () => `127.0.0.1:9,${etcd!.host}:${etcd!.port}`;

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const lines: string[] = [];
  const child = await TrackedProcess.start({
    command: process.execPath,
    args: [program, ...args],
    env,
    onLine: (line) => lines.push(line),
  });
  processes.push(child);
  const untilLine = (what: string, condition: () => boolean) =>
    until(condition, { deadlineMs: 30_000, describe: () => `${what}; it printed ${lines.join('\n')}` });
  return { child, lines, untilLine };
}

async function serve(env?: NodeJS.ProcessEnv) {
  const server = await run(['serve', `--etcd=${endpoints()}`], env);
  const registered = () => server.lines.findLast((line) => line.startsWith('registered at '));
  await server.untilLine('a server to be registered', () => registered() !== undefined);
  const address = registered()!.replace('registered at ', '');
  return { ...server, address, answer: `Hello you, says ${address}.` };
}

const call = (calls: number, env?: NodeJS.ProcessEnv) =>
  run(['call', `--etcd=${endpoints()}`, `--calls=${calls}`], env);

/** What etcd's own command line prints. */
async function runEtcdctl(...args: string[]): Promise<string> {
  const env = { ...process.env, ETCDCTL_API: '3' };
  const at = `--endpoints=${etcd!.host}:${etcd!.port}`;
  const { stdout } = await promisify(execFile)(etcdctl!, [...args, at], { env });
  return stdout;
}

/** What `foo` has in etcd: keys and values in turn. */
async function entries(): Promise<readonly string[]> {
  return (await runEtcdctl('get', '--prefix', '/foo/')).split('\n').filter(Boolean);
}

/** What the lease of each entry of `foo` was granted for. */
async function leases(): Promise<readonly string[]> {
  const json = await runEtcdctl('get', '--prefix', '/foo/', '--write-out=json');
  // Of 64 bits, more than `JSON.parse` keeps.
  const ids = [...json.matchAll(/"lease":(\d+)/g)].map(([, id]) => BigInt(id!).toString(16));
  return Promise.all(ids.map((id) => runEtcdctl('lease', 'timetolive', id)));
}

/** What a server answers to `grpcurl <address> list`: by gRPC reflection, whose request for that is field 7 with any text. */
async function listServices(address: string): Promise<string> {
  const client = new Client(address, credentials.createInsecure());
  const stream = client.makeBidiStreamRequest(
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    (request: Buffer) => request,
    (response) => response.toString('latin1'),
  );
  try {
    stream.write(Buffer.from([(7 << 3) | 2, 1, '*'.charCodeAt(0)]));
    return await new Promise<string>((resolve, reject) => stream.once('data', resolve).once('error', reject));
  } finally {
    stream.on('error', () => {}).cancel();
    client.close();
  }
}

/** Without what is logged: one of the endpoints does not exist. */
function answersIn(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !line.startsWith('warn: '));
}

describe.skipIf(!location || !etcdctl)('the example "etcd-greeter"', () => {
  it('runs as its README says', async () => {
    const { child, lines } = await run([], process.env);
    expect({ ...(await child.exited), lines }).toMatchObject({ code: 0 });
    const answers = lines.flatMap((line) => /Hello you, .*/.exec(line) ?? []);
    expect(answers).toHaveLength(60);
    expect(new Set(answers).size).toBe(2);
    expect(new Set(answers.slice(-10)).size).toBe(1);
  });

  it('etcdctl reads the entries under their leases; the entry of a server that ends by SIGTERM or SIGINT is gone at once, that of a killed one with its lease; no call fails', async () => {
    etcd = await startRegistryAt(location!);
    const [one, two, three] = [await serve(), await serve(), await serve()];
    const sorted = [one.address, two.address, three.address].toSorted();
    expect(await entries()).toEqual(sorted.flatMap((address) => [`/foo/${address}`, address]));
    const granted = expect.stringContaining('granted with TTL(10s)');
    expect(await leases()).toEqual([granted, granted, granted]);

    const { lines, untilLine } = await call(1_000_000);
    await untilLine('all to answer', () => [one, two, three].every(({ answer }) => lines.includes(answer)));
    const from = lines.length;
    await untilLine('twelve answers', () => lines.length >= from + 12);
    const twelve = lines.slice(from, from + 12);
    expect(twelve).toEqual(twelve.map((_, i) => twelve[i % 3]));
    expect(new Set(twelve).size).toBe(3);

    expect(await one.child.stop(10_000)).toEqual({ code: 0, signal: null });
    expect(await entries()).not.toContain(one.address);
    two.child.signal('SIGINT');
    expect(await two.child.exited).toEqual({ code: 0, signal: null });
    expect(await entries()).toEqual([`/foo/${three.address}`, three.address]);
    const four = await serve();
    await three.child.kill();
    await until(async () => (await entries()).length === 2, {
      deadlineMs: 30_000,
      describe: () => 'the lease of the killed server to end',
    });
    expect(await entries()).toEqual([`/foo/${four.address}`, four.address]);
    expect(new Set(answersIn(lines))).toEqual(new Set([one, two, three, four].map(({ answer }) => answer)));
  });

  it('servers list their services by gRPC reflection', async () => {
    etcd = await startRegistryAt(location!);
    const { address } = await serve();
    expect(await listServices(address)).toContain('greeter.v1.Greeter');
  });

  it('user and password come from the environment', async () => {
    etcd = await startRegistryAt(location!);
    const api = (path: string, body: object) => httpApi(etcd!, 'POST', `/v3/auth/${path}`, body);
    await api('user/add', { name: 'root', password: 'secret' });
    await api('role/add', { name: 'root' });
    await api('user/grant', { user: 'root', role: 'root' });
    await api('enable', {});
    const env = { ETCD_USERNAME: 'root', ETCD_PASSWORD: 'secret' };
    const { answer } = await serve(env);
    const client = await call(3, env);
    await client.child.exited;
    expect(answersIn(client.lines)).toEqual([answer, answer, answer]);

    const stranger = await call(1);
    await stranger.child.exited;
    expect(stranger.lines.join('\n')).toMatch(/UNAVAILABLE: .*REGISTRY_REFUSED/);
  });
});
