import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { FaultProxy } from '../../testing/fault-proxy.js';
import { EchoServer } from '../fixtures/echo.js';
import { PingCounter } from '../fixtures/ping-counter.js';

vi.setConfig({ testTimeout: 60_000 });
const waiting = { timeout: 20_000 };

const dist = new URL('../../../dist/', import.meta.url).href;
/** Makes calls beside a stream, and sends what it has seen. */
const program = `
  import { onEvent } from ${JSON.stringify(`${dist}index.js`)};
  import { createGrpcClient } from ${JSON.stringify(`${dist}grpc/index.js`)};
  import { echoContract } from ${JSON.stringify(`${dist}grpc/fixtures/echo.js`)};
  const seen = { answered: 0, failed: 0, hedged: 0, suspicions: 0, streamEnded: false };
  onEvent('retry', ({ reason }) => (seen.hedged += reason === 'slow' ? 1 : 0));
  onEvent('suspicion', () => (seen.suspicions += 1));
  const echo = createGrpcClient(echoContract, { target: process.argv[1] });
  void (async () => { for await (const _ of echo.watch({ text: '' })); })()
    .catch(() => {}).then(() => (seen.streamEnded = true));
  setInterval(() => {
    echo.get({ text: '' }).then(() => (seen.answered += 1), () => (seen.failed += 1));
    process.send(seen);
  }, 10);
`;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A process that calls three servers, the first of which stops answering. */
async function callServers(nodeOptions: readonly string[]) {
  const servers = await Promise.all(['a', 'b', 'c'].map((name) => EchoServer.start(name)));
  cleanups.push(() => servers.forEach((server) => server.kill()));
  const [silent] = servers as [EchoServer, ...EchoServer[]];
  const proxy = await FaultProxy.start(silent.instance);
  cleanups.push(() => proxy.close());
  const pings = new PingCounter();
  proxy.onResponse((chunk) => pings.read(chunk));
  const ports = [proxy.port, ...servers.slice(1).map(({ instance }) => instance.port)];
  const target = `static:///${ports.map((port) => `127.0.0.1:${port}`).join()}`;
  const caller = spawn(process.execPath, [...nodeOptions, '--input-type=module', '-e', program, target], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  cleanups.push(() => caller.kill('SIGKILL'));
  const seen = { answered: 0, failed: 0, hedged: 0, suspicions: 0, streamEnded: false };
  caller.on('message', (message: typeof seen) => Object.assign(seen, message));
  const inspector = nodeOptions.length > 0 ? await printed(caller.stderr!, /127\.0\.0\.1:\d+/) : '';
  await vi.waitFor(() => expect(seen.answered).toBeGreaterThan(50), waiting);
  silent.behavior = 'hang';
  await vi.waitFor(() => expect(seen.hedged).toBeGreaterThan(3), waiting);
  return { silent, proxy, pings, seen, inspector };
}

/** Resolves with the first match in what a process prints. */
async function printed(stream: Readable, pattern: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    const [match] = pattern.exec(text) ?? [];
    if (match) return match;
  }
  throw new Error(`nothing matches ${pattern} in ${text}`);
}

/** Stops a process in a debugger, as at a breakpoint, for `ms`. */
async function pause(inspector: string, ms: number): Promise<void> {
  const debug = spawn(process.execPath, ['inspect', inspector], { stdio: ['pipe', 'pipe', 'inherit'] });
  cleanups.push(() => debug.kill());
  await printed(debug.stdout, /debug> /);
  debug.stdin.write('pause\n');
  await printed(debug.stdout, /break in/);
  await sleep(ms);
  debug.stdin.write('cont\n');
}

it('an instance that answers no calls is pinged once', async () => {
  const { pings, seen } = await callServers([]);
  await vi.waitFor(() => expect(pings.count).toBe(1), waiting);
  const { answered } = seen;
  await vi.waitFor(() => expect(seen.answered).toBeGreaterThan(answered + 100), waiting);
  expect(pings.count).toBe(1);
  expect(seen).toMatchObject({ failed: 0, streamEnded: false });
});

it('in a process with an inspector nobody is pinged or suspected, also after a breakpoint', async () => {
  const { silent, proxy, pings, seen, inspector } = await callServers(['--inspect=127.0.0.1:0']);
  await pause(inspector, 2_000);
  const { answered } = seen;
  await vi.waitFor(() => expect(seen.answered).toBeGreaterThan(answered + 100), waiting);
  silent.behavior = 'respond';
  silent.calls = 0;
  await vi.waitFor(() => expect(silent.calls).toBeGreaterThan(50), waiting);
  expect(seen).toMatchObject({ failed: 0, suspicions: 0, streamEnded: false });
  expect(pings.count).toBe(0);
  expect(proxy.accepted).toBe(1);
});
