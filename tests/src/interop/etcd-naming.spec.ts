import { fileURLToPath } from 'node:url';
import {
  freePort,
  registryForTests,
  type RegistryServer,
  startRegistryAt,
  TrackedProcess,
  until,
} from '@rollcall/tools';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EtcdFixture } from '../registries/etcd-fixture.js';
import { describeBothWays } from './both-ways.js';
import { answerOf, CallResults } from './call-results.js';
import { GoGreeter } from './go-greeter.js';

const program = fileURLToPath(new URL('../../../examples/etcd-greeter/dist/main.js', import.meta.url));
// On loopback, as the servers are.
const location = await registryForTests('etcd', { prefer: ['binary', 'image'] });

const source = 'go.etcd.io/etcd/client/v3 v3.6.5, naming/endpoints';

describeBothWays({
  name: 'etcd-naming',
  location,
  format: 'grpc',
  records: [
    { source },
    { source: `${source}, Metadata a text`, args: ['"blue"'] },
    { source: `${source}, Metadata an object`, args: ['{"version":"v2","weight":3,"colour":"blue"}'] },
  ],
});

describe.skipIf(!location)('the example "etcd-greeter" with --format grpc', () => {
  let etcd: RegistryServer;
  const processes: { kill(): Promise<unknown> }[] = [];
  beforeEach(async ({ skip }) => {
    const reason = await GoGreeter.whyNot('etcd-naming');
    skip(reason !== undefined, reason);
    etcd = await startRegistryAt(location!);
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((each) => each.kill()));
    await etcd?.stop();
  });

  async function example(role: string, onLine: (line: string) => void): Promise<TrackedProcess> {
    const args = [program, role, '--format=grpc', `--etcd=${etcd.host}:${etcd.port}`, '--calls=1000000'];
    const child = await TrackedProcess.start({ command: process.execPath, args, onLine });
    processes.push(child);
    return child;
  }
  async function serve() {
    let line = '';
    const child = await example('serve', (each) => {
      if (each.startsWith('registered at ')) line = each;
    });
    await until(() => line !== '', { deadlineMs: 20_000, describe: () => child.lastLines.join('\n') });
    return { child, answer: answerOf(line.replace('registered at ', '')) };
  }
  async function goGreeter(role: 'serve' | 'call') {
    const started =
      role === 'call'
        ? await GoGreeter.call('etcd-naming', etcd, 'foo')
        : await GoGreeter.serve('etcd-naming', etcd, 'foo', `127.0.0.1:${await freePort()}`);
    processes.push({ kill: () => started.close() });
    return started;
  }

  it("a client in Go with etcd's own naming resolver calls its servers; one is stopped: no call fails", async () => {
    const [one, two] = [await serve(), await serve()];
    const { results } = await goGreeter('call');
    for (const { answer } of [one, two]) await results.untilAnswered(answer);
    expect(await one.child.stop(10_000)).toEqual({ code: 0, signal: null });
    const three = await serve();
    await results.untilAnswered(three.answer);
    expect(await results.next(20)).not.toContain(one.answer);
    expect(new Set(results.all)).toEqual(new Set([one.answer, two.answer, three.answer]));
  });

  it("its client calls servers in Go that etcd's own endpoints manager registers; one is stopped: no call fails", async () => {
    const [one, two] = [await goGreeter('serve'), await goGreeter('serve')];
    const results = new CallResults();
    await until(async () => (await registered()) === 2, {
      deadlineMs: 20_000,
      describe: () => 'two servers',
    });
    await example('call', (line) => results.all.push(line));
    for (const { answer } of [one, two]) await results.untilAnswered(answer);
    one.terminate();
    await until(async () => (await registered()) === 1, { deadlineMs: 20_000, describe: () => 'one server' });
    expect(new Set((await results.next(30)).slice(10))).toEqual(new Set([two.answer]));
    expect(new Set(results.all)).toEqual(new Set([one.answer, two.answer]));
  });

  const registered = async () => (await new EtcdFixture(etcd).get('foo/')).length;
});
