import { once } from 'node:events';
import { connect, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { status } from '@grpc/grpc-js';
import { openRegistry } from '@rollcall/discovery';
import {
  registryForTests,
  type RegistryServer,
  startRegistryAt,
  TrackedProcess,
  until,
} from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ProxiedService } from './proxied-calls.js';
import { chunk } from './proxied-service.js';

const location = await registryForTests('etcd', { prefer: ['given', 'binary', 'image'] });
const nothing = Buffer.alloc(0);

let etcd: RegistryServer;
let service: ProxiedService;

/** Twenty callers, until they are stopped: which servers answer, and what fails. */
function load(call: () => Promise<Buffer>) {
  const answers: string[] = [];
  const failures: unknown[] = [];
  const stopped = new AbortController();
  const work = async () => {
    while (!stopped.signal.aborted) {
      try {
        answers.push(String(await call()));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const callers = Array.from({ length: 20 }, work);
  const stop = async () => {
    stopped.abort();
    await Promise.all(callers);
  };
  const untilAnswered = (count: number) => {
    const from = answers.length;
    return until(() => answers.length >= from + count || failures.length > 0, {
      deadlineMs: 30_000,
      describe: () => `${count} answers`,
    });
  };
  return { answers, failures, stop, untilAnswered };
}

describe.skipIf(!location)('the example "proxy", when something ends', () => {
  beforeAll(async () => {
    etcd = await startRegistryAt(location!);
    service = new ProxiedService(etcd.url);
  });
  afterEach(() => service?.close());
  afterAll(() => etcd?.stop());

  it('without a server, calls fail at once', async () => {
    const { address } = await service.startProxy({ reachesServer: false });
    await expect(service.client([address]).echo(nothing)).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: 'proxy: no instance is connected',
    });
  });

  it('an upload that is cancelled is not ended before: its server could take it for complete', async () => {
    // Not a server of grpc-js, which would hide it.
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const registry = await openRegistry(etcd.url);
    const { port } = server.address() as AddressInfo;
    const registration = registry.register({ id: 'raw', service: 'proxied', host: '127.0.0.1', port });
    await registration.registered();
    const { address } = await service.startProxy({ reachesServer: false });

    const received = new Promise<ServerHttp2Stream>((resolve) => {
      server.on('stream', (stream) => stream.once('data', () => resolve(stream)));
    });
    const session = connect(`http://${address}`);
    const cancelled = new AbortController();
    const upload = () => {
      const call = session.request({ ':method': 'POST', ':path': '/Upload' }, { signal: cancelled.signal });
      call.on('error', () => {});
      call.once('response', upload);
      call.write(chunk);
    };
    // The proxy answers by itself until it is connected.
    upload();
    const stream = await received;
    const events: string[] = [];
    for (const event of ['end', 'aborted', 'close']) stream.on(event, () => events.push(event));
    cancelled.abort();
    await once(stream, 'close');
    expect(events[0]).toBe('aborted');
    expect(stream.rstCode).toBe(8);
    session.destroy();
    await registry.close();
    server.close();
  });

  it('a server dies in the middle of a stream: UNAVAILABLE, after what was received; then it is back', async () => {
    const server = await service.startServer();
    const proxy = await service.startProxy();
    const client = service.client([proxy.address]);
    async function* question() {
      yield chunk;
      await new Promise(() => {});
    }
    const answers = client.chat(question());
    expect((await answers.next()).value).toEqual(chunk);
    await server.child.kill();
    await expect(answers.next()).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: 'proxy: the connection to the instance was lost',
    });
    const next = await service.startServer();
    const answered = () => client.work(nothing).then(String, () => undefined);
    expect(await until(answered, { deadlineMs: 20_000, describe: () => 'the new server to answer' })).toBe(
      String(next.child.pid),
    );
  });

  it('servers take turns; one is killed and one is stopped under load: no idempotent call fails', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => service.startServer()));
    const proxies = [await service.startProxy(), await service.startProxy()];
    const client = service.client(
      proxies.map(({ address }) => address),
      { retried: true },
    );
    const calls = load(() => client.work(nothing));
    const pids = servers.map(({ child }) => String(child.pid));
    await until(() => pids.every((pid) => calls.answers.includes(pid)), {
      deadlineMs: 30_000,
      describe: () => 'all servers to answer',
    });
    await calls.untilAnswered(300);
    const shares = pids.map((pid) => calls.answers.slice(-240).filter((answer) => answer === pid).length);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(40);
    await servers[0]!.child.kill();
    await calls.untilAnswered(300);
    expect(await servers[1]!.child.stop(15_000)).toEqual({ code: 0, signal: null });
    await calls.untilAnswered(300);
    await calls.stop();
    expect(calls.failures).toEqual([]);
    expect(new Set(calls.answers.slice(-100))).toEqual(new Set([pids[2]]));
  });

  it('SIGTERM of a proxy under load: no call fails, retried or not, and streams in flight complete', async () => {
    await service.startServer();
    const [leaving, staying] = [await service.startProxy(), await service.startProxy()];
    const client = service.client([leaving.address, staying.address]);
    const calls = load(() => client.work(nothing));
    await calls.untilAnswered(200);

    const streaming = service.client([leaving.address]);
    let finish = () => {};
    async function* questions() {
      yield Buffer.from('one');
      await new Promise<void>((resolve) => (finish = resolve));
      yield Buffer.from('two');
    }
    const answers = streaming.chat(questions());
    expect(String((await answers.next()).value)).toBe('one');
    const exited = leaving.child.stop(15_000);
    const refused = () =>
      service
        .client([leaving.address])
        .echo(nothing)
        .then(
          () => false,
          () => true,
        );
    await until(refused, { deadlineMs: 10_000, describe: () => 'the proxy to stop listening' });
    expect(leaving.child.running).toBe(true);
    finish();
    expect(String((await answers.next()).value)).toBe('two');
    expect((await answers.next()).done).toBe(true);
    expect(await exited).toEqual({ code: 0, signal: null });
    await calls.untilAnswered(200);
    await calls.stop();
    expect(calls.failures).toEqual([]);
  });

  it('--compare prints both ways side by side', async () => {
    const lines: string[] = [];
    const example = await TrackedProcess.start({
      command: process.execPath,
      args: [
        fileURLToPath(new URL('../../../tools/example.mjs', import.meta.url)),
        'proxy',
        '--compare',
        '--seconds=0.5',
      ],
      env: { ...process.env, ETCD_TEST_URL: etcd.url },
      onLine: (line) => lines.push(line),
    });
    const { code } = await example.exited;
    expect({ code, lines }).toMatchObject({ code: 0 });
    const cells = (name: string) =>
      lines
        .find((line) => line.startsWith(name))
        ?.slice(46)
        .trim()
        .split(/\s{2,}/);
    expect(cells('50 clients, 3 servers')).toEqual(['2 proxies', 'client-side balancing']);
    expect(cells('connections of the clients')).toEqual(['100', '150']);
    expect(cells('a server is killed: failed calls, idempotent')).toEqual(['0', '0']);
    expect(cells('a proxy is killed: failed calls, idempotent')).toEqual(['0', '-']);
    for (const name of ['calls a second', 'CPU of the machine', 'p50, p99', 'a server is killed: slowest'])
      expect(cells(name)).toEqual([expect.stringMatching(/^\d/), expect.stringMatching(/^\d/)]);
  });
});
