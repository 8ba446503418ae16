import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { text as readText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type CallOptions, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadContract } from '../client/contract.js';
import { createGrpcClient, type GrpcClientOptions } from '../client/grpc-client.js';
import type { GrpcClient } from '../client/stub-types.js';
import { type EchoClient, echoContract, EchoServer } from '../fixtures/echo.js';
import { deadlineInterceptor } from './deadline-interceptor.js';
import { retryInterceptor } from './retry-interceptor.js';

vi.setConfig({ testTimeout: 20_000 });

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

async function start(names: readonly string[], options: Partial<GrpcClientOptions> = {}) {
  const servers = await Promise.all(names.map((name) => EchoServer.start(name)));
  cleanups.push(() => servers.forEach((server) => server.kill()));
  const addresses = servers.map(({ instance: { host, port } }) => `${host}:${port}`);
  const echo = createGrpcClient(echoContract, { target: `static:///${addresses.join()}`, ...options });
  cleanups.push(() => echo.close());
  await untilCallsReach(echo, names);
  for (const server of servers) {
    server.calls = 0;
    server.metadata.length = 0;
  }
  return { servers, addresses, echo };
}

function untilCallsReach(echo: GrpcClient<EchoClient>, names: readonly string[]): Promise<void> {
  return vi.waitFor(
    async () => {
      const reached = await Promise.all(
        names.flatMap(() => [echo.get({ text: '' }), echo.get({ text: '' })]),
      );
      expect(new Set(reached.map(({ text }) => text)).size).toBe(names.length);
    },
    { timeout: 10_000 },
  );
}

const totalCalls = (servers: readonly EchoServer[]) => servers.reduce((sum, { calls }) => sum + calls, 0);

describe('a server that answers UNAVAILABLE', () => {
  it('is retried up to 4 times, and each attempt says how many came before', async () => {
    const { servers, echo } = await start(['a', 'b']);
    for (const server of servers) server.behavior = 'fail';
    await expect(echo.get({ text: '' })).rejects.toMatchObject({ code: status.UNAVAILABLE });
    const attempts = servers.flatMap(({ metadata }) =>
      metadata.map((headers) => headers.get('grpc-previous-rpc-attempts')[0]),
    );
    expect(attempts.toSorted()).toEqual(['1', '2', '3', '4', undefined]);
  });

  it('with a negative or unreadable pushback is not retried', async () => {
    const { servers, echo } = await start(['a', 'b']);
    for (const pushback of ['-1', 'soon']) {
      for (const server of servers) {
        Object.assign(server, { behavior: 'fail', pushback, calls: 0 });
      }
      await expect(echo.get({ text: '' })).rejects.toMatchObject({ code: status.UNAVAILABLE });
      expect(totalCalls(servers)).toBe(1);
    }
  });

  it('with a pushback is retried after that time', async () => {
    const { servers, echo } = await start(['a', 'b'], { retry: { maxRetries: 1 } });
    for (const server of servers) Object.assign(server, { behavior: 'fail', pushback: '300' });
    const from = performance.now();
    await expect(echo.get({ text: '' })).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(performance.now() - from).toBeGreaterThanOrEqual(299);
    expect(totalCalls(servers)).toBe(2);
  });

  it('with a pushback beyond the deadline is not retried', async () => {
    const { servers, echo } = await start(['a']);
    for (const server of servers) Object.assign(server, { behavior: 'fail', pushback: '60000' });
    await expect(echo.get({ text: '' })).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(totalCalls(servers)).toBe(1);
  });

  it('is retried as often as the options of the client say', async () => {
    const { servers, echo } = await start(['a'], { retry: { maxRetries: 0 } });
    servers[0]!.behavior = 'fail';
    await expect(echo.get({ text: '' })).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(totalCalls(servers)).toBe(1);
    const tight = await start(['b'], { retry: { budget: { maxTokens: 4, tokenRatio: 0.01 } } });
    tight.servers[0]!.behavior = 'fail';
    for (let i = 0; i < 10; i++) await expect(tight.echo.get({ text: '' })).rejects.toHaveProperty('code');
    expect(totalCalls(tight.servers)).toBe(11);
  });

  it.each([{ maxRetries: -1 }, { maxRetries: 1.5 }, { budget: { maxTokens: 0 } }])(
    'the option %j is rejected',
    (retry) => {
      const create = () => createGrpcClient(echoContract, { target: 'static:///127.0.0.1:1', retry });
      expect(create).toThrow(/^INVALID_OPTION: invalid max/);
    },
  );
});

describe('a call that kills its server', () => {
  /** Each server dies of a request for `poison` once it has received it. */
  function poison(servers: readonly EchoServer[]): string[] {
    const killed: string[] = [];
    for (const server of servers) {
      server.onCall = ({ request }) => {
        if (request.text !== 'poison') return;
        killed.push(server.instance.id);
        server.kill();
      };
    }
    return killed;
  }

  async function expectTwoKilled(
    { servers, echo }: Awaited<ReturnType<typeof start>>,
    killed: readonly string[],
  ): Promise<void> {
    const failure = (await echo.get({ text: 'poison' }).catch((error: unknown) => error)) as ServiceError;
    expect(failure.details).toMatch(/not retried: .*may have crashed the instance/);
    expect(killed.length).toBe(2);
    for (const id of killed) {
      const { port } = servers.find(({ instance }) => instance.id === id)!.instance;
      expect(failure.details).toContain(`127.0.0.1:${port}`);
    }
  }

  it('alone: it kills two, and its caller gets the reason', async () => {
    const system = await start(['a', 'b', 'c']);
    await expectTwoKilled(system, poison(system.servers));
  });

  it('among others: it kills two, its caller gets the reason, and the others lose nothing', async () => {
    const system = await start(['a', 'b', 'c']);
    const killed = poison(system.servers);
    const stop = new AbortController();
    const others = Array.from({ length: 10 }, async () => {
      while (!stop.signal.aborted) await system.echo.get({ text: '' });
    });
    await expectTwoKilled(system, killed);
    stop.abort();
    await Promise.all(others);
  });
});

it('two of three servers die at once: no call is lost', async () => {
  const { servers, echo } = await start(['a', 'b', 'c']);
  const [a, b] = servers;
  a!.behavior = b!.behavior = 'headers only';
  const calls = Array.from({ length: 30 }, () => echo.get({ text: '' }));
  await vi.waitFor(() => expect(Math.min(a!.calls, b!.calls)).toBeGreaterThan(5), { timeout: 10_000 });
  a!.kill();
  b!.kill();
  expect(await Promise.all(calls)).toEqual(calls.map(() => ({ text: 'c' })));
});

it('a call whose parent is cancelled is not retried, nor sent if it was cancelled before', async () => {
  const server = await EchoServer.start('a');
  cleanups.push(() => server.kill());
  const { Client, idempotentMethods } = loadContract(echoContract);
  const client = new Client(`127.0.0.1:${server.instance.port}`, credentials.createInsecure(), {
    interceptors: [deadlineInterceptor(), retryInterceptor({ idempotentMethods })],
  });
  cleanups.push(() => client.close());
  const parent = Object.assign(new EventEmitter(), {
    cancelled: false,
    getDeadline: () => Infinity,
  });
  const call = () =>
    new Promise((resolve, reject) => {
      const options = { parent } as unknown as CallOptions;
      client['Get']!(
        { text: '' },
        new Metadata(),
        options,
        (error: ServiceError | null, response: unknown) => (error ? reject(error) : resolve(response)),
      );
    });
  server.behavior = 'fail';
  server.onCall = () => {
    parent.cancelled = true;
    parent.emit('cancelled');
  };
  await expect(call()).rejects.toMatchObject({ code: status.CANCELLED });
  expect(server.calls).toBe(1);
  server.behavior = 'hang';
  await expect(call()).rejects.toMatchObject({ code: status.CANCELLED });
  expect(server.calls).toBe(1);
});

it('a call that waits for its retry keeps the process alive', async () => {
  const server = await EchoServer.start('a');
  cleanups.push(() => server.kill());
  server.behavior = 'hang';
  const program = `
    import { createGrpcClient } from '@rollcall/discovery/grpc';
    const echo = createGrpcClient(
      { service: 'echo', package: 'echo.v1', grpcService: 'EchoService', protoPath: 'echo.proto',
        includeDirs: [${JSON.stringify(echoContract.includeDirs![0])}] },
      { target: 'static:///127.0.0.1:${server.instance.port}', waitForReadyMs: 0 },
    );
    console.log(await echo.get({ text: '' }).catch((error) => error.details));
    process.exit(0);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const output = readText(child.stdout);
  const exited = once(child, 'exit');
  await vi.waitFor(() => expect(server.calls).toBe(1), { timeout: 10_000 });
  server.kill();
  expect(await exited).toEqual([0, null]);
  expect(await output).not.toBe('');
});
