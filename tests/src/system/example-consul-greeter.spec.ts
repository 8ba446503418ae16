import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  freePort,
  registryForTests,
  type RegistryServer,
  startRegistryAt,
  TrackedProcess,
  until,
} from '@rollcall/tools';
import { afterEach, describe, expect, it } from 'vitest';
import { consulApi } from '../environments/http-api.js';

const program = fileURLToPath(new URL('../../../examples/consul-greeter/dist/main.js', import.meta.url));
const location = await registryForTests('consul', { prefer: ['binary', 'image'] });

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function startConsul(args: readonly string[] = [], token?: string): Promise<RegistryServer> {
  const consul = await startRegistryAt(location!, { args, ...(token && { token }) });
  cleanups.push(() => consul.stop());
  return consul;
}

async function run(...args: string[]) {
  const lines: string[] = [];
  const child = await TrackedProcess.start({
    command: process.execPath,
    args: [program, ...args],
    onLine: (line) => lines.push(line),
  });
  cleanups.push(() => child.kill());
  const untilLine = (what: string, condition: (lines: readonly string[]) => boolean) =>
    until(() => condition(lines), {
      deadlineMs: 30_000,
      describe: () => `${what}; it printed ${lines.join('\n')}`,
    });
  return { child, lines, untilLine };
}

async function serve(consul: RegistryServer, ...args: string[]) {
  const port = await freePort();
  const server = await run('serve', `--consul=${consul.url}`, `--port=${port}`, ...args);
  await server.untilLine('a server to be registered', (lines) =>
    lines.includes(`registered at 127.0.0.1:${port}`),
  );
  return { ...server, port, answer: `Hello you, says ${port}.` };
}

/** All that a few calls printed. */
async function call(consul: RegistryServer, ...args: string[]): Promise<readonly string[]> {
  const { child, lines } = await run('call', `--consul=${consul.url}`, '--calls=4', ...args);
  await child.exited;
  return lines;
}

/** The TTLs, in s, of the checks of an agent that keeps its data in `directory`: its API does not have them. */
async function checkTtls(directory: string): Promise<readonly number[]> {
  const checks = join(directory, 'checks');
  const files = (await readdir(checks, { withFileTypes: true })).filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map(({ name }) => readFile(join(checks, name), 'utf8')));
  // In ns.
  return texts.map((text) => (JSON.parse(text) as { ChkType: { TTL: number } }).ChkType.TTL / 1e9);
}

describe.skipIf(!location)('the example "consul-greeter"', () => {
  it('runs as its README says: answers alternate, one server is killed, all calls go to the other one', async () => {
    const { child, lines, untilLine } = await run();
    await untilLine('servers to answer', () => lines.some((line) => line.includes('Hello you')));
    const [, page = ''] = /^Consul's UI: (.*)$/.exec(lines[0] ?? '') ?? [];
    const ui = await fetch(page);
    expect({ status: ui.status, html: await ui.text() }).toMatchObject({
      status: 200,
      html: expect.stringMatching(/<title>Consul/),
    });
    expect({ ...(await child.exited), lines }).toMatchObject({ code: 0 });
    const answers = lines.flatMap((line) => /Hello you, says (50014|50015)\.$/.exec(line)?.[1] ?? []);
    expect(answers).toHaveLength(60);
    // One of them may be connected first.
    const first = answers.findIndex((answer) => answer !== answers[0]) - 1;
    const beforeKill = answers.slice(first, 20);
    expect(beforeKill.length).toBeGreaterThan(10);
    expect(beforeKill).toEqual(beforeKill.map((_, i) => beforeKill[i % 2]));
    expect(new Set(beforeKill).size).toBe(2);
    expect(new Set(answers.slice(22))).toEqual(new Set(['50015']));
  });

  it('answers alternate; Consul has both servers as healthy, with a TTL check of 31 s; one is killed, one stopped, and the rest takes all calls', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rollcall-consul-'));
    cleanups.push(() => rm(directory, { recursive: true, force: true }));
    const consul = await startConsul([`-data-dir=${directory}`]);
    const [one, two] = [await serve(consul), await serve(consul)];
    const answers = [one.answer, two.answer];
    const api = consulApi(consul);
    // What the page of services in its UI is made of.
    expect(await api('GET', 'internal/ui/services')).toContainEqual(
      expect.objectContaining({ Name: 'helloserver', InstanceCount: 2, ChecksWarning: 0, ChecksCritical: 0 }),
    );
    const passing = expect.objectContaining({ Type: 'ttl', Status: 'passing' });
    expect(await api('GET', 'health/checks/helloserver')).toEqual([passing, passing]);
    expect(await checkTtls(directory)).toEqual([31, 31]);

    const client = await run('call', `--consul=${consul.url}`, '--calls=1000000');
    const { lines } = client;
    const both = () => answers.every((answer) => lines.includes(answer));
    await client.untilLine('both to answer', both);
    const from = lines.length;
    await client.untilLine('twenty answers', () => lines.length >= from + 20);
    const twenty = lines.slice(from, from + 20);
    const first = answers.indexOf(twenty[0]!);
    expect(twenty).toEqual(twenty.map((_, i) => answers[(first + i) % 2]));

    await one.child.kill();
    const killedAt = lines.length;
    await client.untilLine('twenty more answers', () => lines.length >= killedAt + 20);
    expect(new Set(lines.slice(killedAt + 2))).toEqual(new Set([two.answer]));

    const three = await serve(consul);
    await client.untilLine('the new server to answer', () => lines.includes(three.answer));
    expect(await two.child.stop(10_000)).toEqual({ code: 0, signal: null });
    const services = (await api('GET', 'agent/services')) as Record<string, { Port: number }>;
    const ports = Object.values(services).map(({ Port }) => Port);
    expect(ports).toContain(three.port);
    expect(ports).not.toContain(two.port);
    const stoppedAt = lines.length;
    await client.untilLine('twenty answers of the new server', () => lines.length >= stoppedAt + 20);
    expect(new Set(lines.slice(stoppedAt + 2))).toEqual(new Set([three.answer]));
    expect(lines.filter((line) => !line.startsWith('Hello you, says '))).toEqual([]);
  });

  it('with ACLs, a server and a client have a token each, and a client calls the servers with its tag', async () => {
    const root = '5f1c6f0e-0000-4000-8000-000000000001';
    const tokens = `tokens { initial_management = "${root}" agent = "${root}" }`;
    const acl = `acl { enabled = true default_policy = "deny" ${tokens} }`;
    const consul = await startConsul(['-hcl', acl], root);
    const api = consulApi(consul, root);
    /** A token with what the README says that it needs. */
    const createToken = async (permission: 'read' | 'write') => {
      const Rules = `service "helloserver" { policy = "${permission}" } node_prefix "" { policy = "read" }`;
      const { ID } = (await api('PUT', 'acl/policy', { Name: permission, Rules })) as { ID: string };
      const { SecretID } = (await api('PUT', 'acl/token', { Policies: [{ ID }] })) as { SecretID: string };
      return `--token=${SecretID}`;
    };
    const [ofServers, ofClients] = [await createToken('write'), await createToken('read')];
    await serve(consul, ofServers);
    const canary = await serve(consul, ofServers, '--tag=canary');

    const tagged = await call(consul, ofClients, '--tag=canary');
    expect(tagged).toEqual(Array.from({ length: 4 }, () => canary.answer));
    expect(new Set(await call(consul, ofClients)).size).toBe(2);

    expect((await call(consul)).join('\n')).toMatch(/REGISTRY_REFUSED|has no instance/);
    const intruder = await run('serve', `--consul=${consul.url}`, ofClients, `--port=${await freePort()}`);
    await intruder.untilLine('a token for reading to be refused', (lines) =>
      /REGISTRY_REFUSED: .*403/.test(lines.join('\n')),
    );
  });

  it('a client calls the servers of another datacenter', async () => {
    const [one, two] = [await freePort(), await freePort()];
    const near = await startConsul([`-serf-wan-port=${one}`]);
    const far = await startConsul([
      '-datacenter=dc2',
      `-serf-wan-port=${two}`,
      `-retry-join-wan=127.0.0.1:${one}`,
      '-retry-interval-wan=1s',
    ]);
    await until(
      async () => ((await consulApi(near)('GET', 'catalog/datacenters')) as string[]).length === 2,
      {
        deadlineMs: 30_000,
        describe: () => 'the datacenters to join',
      },
    );
    const { answer } = await serve(far);
    expect(new Set(await call(near, '--datacenter=dc2'))).toEqual(new Set([answer]));
    expect((await call(near)).join('\n')).toMatch(/UNAVAILABLE: .*has no instance of helloserver/);
    const elsewhere = await call(near, '--datacenter=dc3');
    expect(elsewhere.join('\n')).toMatch(/UNAVAILABLE: .*No path to datacenter/);
  });
});
