import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { onEvent } from '../../events/on-event.js';
import { createGrpcClient, type GrpcClientOptions } from '../client/grpc-client.js';
import { EchoEnvironment } from '../fixtures/echo-environment.js';
import { echoContract, EchoServer } from '../fixtures/echo.js';

vi.setConfig({ testTimeout: 20_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Two servers; the first one answers nothing any more, and the client knows how long answers take. */
async function start(options: Partial<GrpcClientOptions> = {}) {
  const servers = await Promise.all(['a', 'b'].map((name) => EchoServer.start(name)));
  cleanups.push(() => servers.forEach((server) => server.kill()));
  const addresses = servers.map(({ instance: { host, port } }) => `${host}:${port}`);
  const echo = createGrpcClient(echoContract, { target: `static:///${addresses.join()}`, ...options });
  cleanups.push(() => echo.close());
  await vi.waitFor(async () => {
    for (let i = 0; i < 20; i++) await echo.get({ text: '' });
    expect(servers.every(({ calls }) => calls > 0)).toBe(true);
  });
  const [silent, other] = servers as [EchoServer, EchoServer];
  silent.behavior = 'hang';
  for (const server of servers) server.calls = 0;
  return { silent, other, echo };
}

describe('an instance that does not answer', () => {
  it('costs no idempotent call: it goes to another instance as well, and the first attempt is cancelled', async () => {
    const { silent, echo } = await start();
    let cancelled = 0;
    silent.onCall = (call) => call.on('cancelled', () => (cancelled += 1));
    for (let i = 0; i < 20; i++) expect(await echo.get({ text: '' })).toEqual({ text: 'b' });
    expect(silent.calls).toBeGreaterThan(0);
    await vi.waitFor(() => expect(cancelled).toBe(silent.calls));
  });

  it('keeps the calls that are not idempotent, which are sent once', async () => {
    const { silent, other, echo } = await start();
    const calls = Array.from({ length: 4 }, () =>
      echo.add({ text: '' }, { deadline: Date.now() + 1_500 }).then(
        () => 'answered',
        ({ code }: { code: status }) => code,
      ),
    );
    expect((await Promise.all(calls)).toSorted()).toEqual([
      status.DEADLINE_EXCEEDED,
      status.DEADLINE_EXCEEDED,
      'answered',
      'answered',
    ]);
    expect(silent.calls + other.calls).toBe(4);
  });

  it('is left alone with hedging off', async () => {
    const { echo } = await start({ retry: { hedging: false }, defaultTimeoutMs: 500 });
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => echo.get({ text: '' })));
    expect(results.filter(({ status: outcome }) => outcome === 'rejected').length).toBe(2);
  });
});

it('events report each attempt, and why there was another one', async () => {
  const { echo } = await start();
  const attempts: string[] = [];
  const reasons: string[] = [];
  cleanups.push(onEvent('attempt', ({ attempt, outcome }) => attempts.push(`${attempt} ${outcome}`)));
  cleanups.push(onEvent('retry', ({ reason }) => reasons.push(reason)));
  await Promise.all([echo.get({ text: '' }), echo.get({ text: '' })]);
  await vi.waitFor(() => expect(attempts.toSorted()).toEqual(['1 cancelled', '1 success', '2 success']));
  expect(reasons).toEqual(['slow']);
});

it('a call whose only instance dies, after no other was there for a second attempt, is retried when it is back', async () => {
  const server = await EchoServer.start('a');
  const { port } = server.instance;
  const echo = createGrpcClient(echoContract, {
    target: `static:///127.0.0.1:${port}`,
    waitForReadyMs: 15_000,
  });
  cleanups.push(() => echo.close());
  await echo.get({ text: '' });
  server.behavior = 'hang';
  const reasons: string[] = [];
  cleanups.push(onEvent('retry', ({ reason }) => reasons.push(reason)));
  const call = echo.get({ text: '' }, { timeoutMs: 15_000 });
  await vi.waitFor(() => expect(reasons).toEqual(['slow']), { timeout: 5_000 });
  server.kill();
  const next = await EchoServer.start('b', port);
  cleanups.push(() => next.kill());
  expect(await call).toEqual({ text: 'b' });
});

it('a second attempt for which there is no instance takes nothing from the budget', async () => {
  const environment = new EchoEnvironment();
  cleanups.push(() => environment.close());
  const [alone, other] = await environment.servers('a', 'b');
  environment.publish(alone.instance);
  const echo = createGrpcClient(echoContract, {
    target: 'scripted:///echo',
    // For three such attempts.
    retry: { budget: { maxTokens: 6, tokenRatio: 0.000_001 } },
  });
  cleanups.push(() => echo.close());
  expect(await echo.get({ text: '' })).toEqual({ text: 'a' });
  alone.behavior = 'hang';
  for (let i = 0; i < 3; i++)
    await expect(echo.get({ text: '' }, { timeoutMs: 300 })).rejects.toThrow('DEADLINE_EXCEEDED');
  environment.publish(alone.instance, other.instance);
  await vi.waitFor(async () =>
    expect(await echo.get({ text: '' }, { timeoutMs: 300 })).toEqual({ text: 'b' }),
  );
  alone.calls = 0;
  while (alone.calls === 0) expect(await echo.get({ text: '' })).toEqual({ text: 'b' });
});
