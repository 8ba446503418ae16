import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
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
const etcdctl = process.env['ETCDCTL_BIN'] ?? 'etcdctl';

const processes: TrackedProcess[] = [];
let etcd: RegistryServer | undefined;
afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.kill()));
  await etcd?.stop();
});

async function run(role: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const lines: string[] = [];
  const child = await TrackedProcess.start({
    command: process.execPath,
    // The first endpoint does not exist.
    args: [program, role, `--etcd=127.0.0.1:9,${etcd!.host}:${etcd!.port}`, ...args],
    env,
    onLine: (line) => lines.push(line),
  });
  processes.push(child);
  const untilLine = (what: string, condition: () => boolean) =>
    until(condition, { deadlineMs: 30_000, describe: () => `${what}; it printed ${lines.join('\n')}` });
  return { child, lines, untilLine };
}

async function serve(env?: NodeJS.ProcessEnv) {
  const server = await run('serve', [], env);
  const registered = () => server.lines.findLast((line) => line.startsWith('registered at '));
  await server.untilLine('a server to be registered', () => registered() !== undefined);
  const address = registered()!.replace('registered at ', '');
  return { ...server, address, answer: `Hello you, says ${address}.` };
}

/** What `foo` has in etcd, as etcd's own command line shows it: keys and values in turn. */
async function entries(): Promise<readonly string[]> {
  const args = ['get', '--prefix', '/foo/', `--endpoints=${etcd!.host}:${etcd!.port}`];
  const { stdout } = await promisify(execFile)(etcdctl, args, { env: { ...process.env, ETCDCTL_API: '3' } });
  return stdout.split('\n').filter(Boolean);
}

const hasEtcdctl = await promisify(execFile)(etcdctl, ['version']).then(
  () => true,
  () => void process.stderr.write('skipped, no etcdctl: set ETCDCTL_BIN or install it on PATH\n'),
);

/** Without what is logged: one of the endpoints does not exist. */
function answersIn(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !line.startsWith('warn: '));
}

describe.skipIf(!location || !hasEtcdctl)('the example "etcd-greeter"', () => {
  it('etcdctl reads the entries; a server that is stopped has none at once; one that is killed has none when its lease ends; no call fails', async () => {
    etcd = await startRegistryAt(location!);
    const [one, two] = [await serve(), await serve()];
    const sorted = [one.address, two.address].toSorted();
    expect(await entries()).toEqual(sorted.flatMap((address) => [`/foo/${address}`, address]));

    const { lines, untilLine } = await run('call', ['--calls=1000000']);
    await untilLine('both to answer', () => [one, two].every(({ answer }) => lines.includes(answer)));
    const from = lines.length;
    await untilLine('ten answers', () => lines.length >= from + 10);
    const ten = lines.slice(from, from + 10);
    expect(ten.filter((line, i) => line === ten[i - 1])).toEqual([]);

    expect(await one.child.stop(10_000)).toEqual({ code: 0, signal: null });
    expect(await entries()).toEqual([`/foo/${two.address}`, two.address]);
    const three = await serve();
    await two.child.kill();
    await until(async () => (await entries()).length === 2, {
      deadlineMs: 30_000,
      describe: () => 'the lease of the killed server to end',
    });
    expect(await entries()).toEqual([`/foo/${three.address}`, three.address]);
    expect(new Set(answersIn(lines))).toEqual(new Set([one.answer, two.answer, three.answer]));
  });

  it('user and password come from the environment', async () => {
    etcd = await startRegistryAt(location!);
    const call = (path: string, body: object) => httpApi(etcd!, 'POST', `/v3/auth/${path}`, body);
    await call('user/add', { name: 'root', password: 'secret' });
    await call('role/add', { name: 'root' });
    await call('user/grant', { user: 'root', role: 'root' });
    await call('enable', {});
    const env = { ETCD_USERNAME: 'root', ETCD_PASSWORD: 'secret' };
    const { answer } = await serve(env);
    const client = await run('call', ['--calls=3'], env);
    await client.child.exited;
    expect(answersIn(client.lines)).toEqual([answer, answer, answer]);

    const stranger = await run('call', ['--calls=1']);
    await stranger.child.exited;
    expect(stranger.lines.join('\n')).toMatch(/UNAVAILABLE: .*REGISTRY_REFUSED/);
  });
});
