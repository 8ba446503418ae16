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
const token = '5f1c6f0e-0000-4000-8000-000000000001';
const location = await registryForTests('consul', { prefer: ['binary', 'image'] });

const processes: TrackedProcess[] = [];
let consul: RegistryServer | undefined;
afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.kill()));
  await consul?.stop();
});

async function run(role: string, ...args: string[]) {
  const lines: string[] = [];
  const child = await TrackedProcess.start({
    command: process.execPath,
    args: [program, role, `--consul=${consul!.url}`, ...args],
    onLine: (line) => lines.push(line),
  });
  processes.push(child);
  const untilLine = (what: string, condition: (lines: readonly string[]) => boolean) =>
    until(() => condition(lines), {
      deadlineMs: 30_000,
      describe: () => `${what}; it printed ${lines.join('\n')}`,
    });
  return { child, lines, untilLine };
}

async function serve(...args: string[]) {
  const port = await freePort();
  const server = await run('serve', `--port=${port}`, ...args);
  await server.untilLine('a server to be registered', (lines) =>
    lines.includes(`registered at 127.0.0.1:${port}`),
  );
  return { ...server, answer: `Hello you, says ${port}.` };
}

describe.skipIf(!location)('the example "consul-greeter"', () => {
  it('answers alternate; Consul shows both servers as healthy; one is killed, one stopped, and the rest takes all calls', async () => {
    consul = await startRegistryAt(location!);
    const [one, two] = [await serve(), await serve()];
    const answers = [one.answer, two.answer];
    const api = consulApi(consul);
    // What the page of services in its UI is made of.
    expect(await api('GET', 'internal/ui/services')).toContainEqual(
      expect.objectContaining({ Name: 'helloserver', InstanceCount: 2, ChecksWarning: 0, ChecksCritical: 0 }),
    );

    const client = await run('call', '--calls=1000000');
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

    const three = await serve();
    await client.untilLine('the new server to answer', () => lines.includes(three.answer));
    expect(await two.child.stop(10_000)).toEqual({ code: 0, signal: null });
    const services = (await api('GET', 'agent/services')) as Record<string, { Port: number }>;
    const answeringPorts = Object.values(services).map(({ Port }) => `Hello you, says ${Port}.`);
    expect(answeringPorts).toContain(three.answer);
    expect(answeringPorts).not.toContain(two.answer);
    const stoppedAt = lines.length;
    await client.untilLine('twenty answers of the new server', () => lines.length >= stoppedAt + 20);
    expect(new Set(lines.slice(stoppedAt + 2))).toEqual(new Set([three.answer]));
    expect(lines.filter((line) => !line.startsWith('Hello you, says '))).toEqual([]);
  });

  it('tag, datacenter and ACL token are flags', async () => {
    const acl = `acl { enabled = true default_policy = "deny" tokens { initial_management = "${token}" } }`;
    const args = ['-datacenter=dc2', '-hcl', acl];
    consul = await startRegistryAt(location!, { args, token });
    await serve(`--token=${token}`);
    const canary = await serve(`--token=${token}`, '--tag=canary');
    const call = (...flags: string[]) => run('call', '--calls=4', `--token=${token}`, ...flags);

    const tagged = await call('--tag=canary', '--datacenter=dc2');
    await tagged.child.exited;
    expect(tagged.lines).toEqual(Array.from({ length: 4 }, () => canary.answer));

    const elsewhere = await call('--datacenter=dc1');
    await elsewhere.child.exited;
    expect(elsewhere.lines.join('\n')).toMatch(/UNAVAILABLE: .*No path to datacenter/);

    const withoutToken = await run('call', '--calls=1');
    await withoutToken.child.exited;
    expect(withoutToken.lines.join('\n')).toMatch(/REGISTRY_REFUSED|has no instance/);
  });
});
