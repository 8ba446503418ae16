import { Metadata, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Registry } from '../../registry.js';
import { MemoryRegistry } from '../../testing/memory-registry.js';
import { createGrpcClient, type GrpcClientOptions } from '../client/grpc-client.js';
import type { GrpcClient } from '../client/stub-types.js';
import { registerResolver } from '../resolver/register-resolver.js';
import { type EchoClient, echoContract, EchoServer } from '../fixtures/echo.js';

/** Longer than any wait here, shorter than a hang. */
const deadline = () => Date.now() + 20_000;

describe('while no instance is ready', () => {
  let memory: MemoryRegistry;
  let registry: Registry;
  const cleanups: (() => unknown)[] = [];

  beforeEach(() => {
    memory = new MemoryRegistry();
    registry = new Registry(memory.open(), { lingerMs: 0 });
    cleanups.push(() => registry.close(), registerResolver(registry));
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });

  function client(options: Partial<GrpcClientOptions>): GrpcClient<EchoClient> {
    const echo = createGrpcClient(echoContract, { target: 'memory:///echo', ...options });
    cleanups.push(() => echo.close());
    return echo;
  }

  async function server(port = 0): Promise<EchoServer> {
    const started = await EchoServer.start('a', port);
    cleanups.push(() => started.kill());
    memory.put(started.instance);
    return started;
  }

  const unavailable = { code: status.UNAVAILABLE };

  it('a call waits for the first instance, also if its method is not idempotent', async () => {
    const echo = client({ waitForReadyMs: 15_000 });
    const calls = [
      echo.get({ text: '' }, { deadline: deadline() }),
      echo.add({ text: '' }, { deadline: deadline() }),
    ];
    await server();
    expect(await Promise.all(calls)).toEqual([{ text: 'a' }, { text: 'a' }]);
  });

  it('a stream waits', async () => {
    const echo = client({ waitForReadyMs: 15_000 });
    const stream = echo.watch({ text: '' });
    await server();
    for await (const { text } of stream) {
      expect(text).toBe('a');
      break;
    }
  });

  it('calls wait for the restart of the only instance, and none fails', async () => {
    const first = await server();
    const echo = client({ waitForReadyMs: 15_000 });
    await echo.get({ text: '' });
    first.kill();
    const calls = Array.from({ length: 20 }, () => echo.get({ text: '' }, { deadline: deadline() }));
    await server(first.instance.port);
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ text: 'a' })));
  });

  it('calls fail with UNAVAILABLE and the reason after waitForReadyMs, and from then on at once', async () => {
    const only = await server();
    const echo = client({ waitForReadyMs: 300 });
    await echo.get({ text: '' });
    only.kill();
    await expect(echo.get({ text: '' }, { deadline: deadline() })).rejects.toMatchObject({
      ...unavailable,
      details: expect.stringContaining('ECONNREFUSED'),
    });
    // All calls share the time: a call that starts now has nothing left to wait for.
    const later = echo.get({ text: '' }, { deadline: deadline() });
    const timeout = new Promise((resolve) => setTimeout(resolve, 250, 'still waits'));
    await expect(Promise.race([later, timeout])).rejects.toMatchObject(unavailable);
  });

  it('an instance is registered after waitForReadyMs: a call waits while the channel connects to it', async () => {
    const echo = client({ waitForReadyMs: 100 });
    await expect(echo.get({ text: '' }, { deadline: deadline() })).rejects.toMatchObject(unavailable);
    const call = new Promise((resolve) => {
      registry.watch('echo').onChange(() => resolve(echo.get({ text: '' }, { deadline: deadline() })));
    });
    await server();
    expect(await call).toEqual({ text: 'a' });
  });

  it('the time starts when the last instance is lost, not when the next call is made', async () => {
    const only = await server();
    const echo = client({ waitForReadyMs: 600 });
    await echo.get({ text: '' });
    only.kill();
    await new Promise((resolve) => setTimeout(resolve, 900));
    const from = performance.now();
    await expect(echo.get({ text: '' }, { deadline: deadline() })).rejects.toMatchObject(unavailable);
    expect(performance.now() - from).toBeLessThan(200);
  });

  it('an outage does not count towards the next one', async () => {
    const first = await server();
    const echo = client({ waitForReadyMs: 15_000 });
    await echo.get({ text: '' });
    for (let outage = 0; outage < 2; outage += 1) {
      first.kill();
      const call = echo.get({ text: '' }, { deadline: deadline() });
      const next = await EchoServer.start('a', first.instance.port);
      expect(await call).toEqual({ text: 'a' });
      next.kill();
    }
  });

  it('a waiting call ends at its deadline', async () => {
    const call = client({ waitForReadyMs: 15_000 }).get({ text: '' }, { deadline: Date.now() + 100 });
    await expect(call).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });

  it('a waiting call can be cancelled', async () => {
    const abort = new AbortController();
    const call = client({ waitForReadyMs: 15_000 }).get({ text: '' }, { signal: abort.signal });
    abort.abort();
    await expect(call).rejects.toBe(abort.signal.reason);
  });

  it('a waiting call ends when the client is closed', async () => {
    const echo = client({ waitForReadyMs: 15_000 });
    const call = echo.get({ text: '' });
    echo.close();
    await expect(call).rejects.toMatchObject({ code: status.CANCELLED });
  });

  it('a call with waitForReady on its metadata waits until its deadline', async () => {
    const metadata = new Metadata({ waitForReady: true });
    const echo = client({ waitForReadyMs: 1 });
    const call = echo.add({ text: '' }, { metadata, deadline: deadline() });
    await vi.waitFor(() => expect(registry.why('echo')?.source).toBe('live'));
    await server();
    expect(await call).toEqual({ text: 'a' });
  });

  it.each([-1, 0.5, Number.NaN])('waitForReadyMs %s is rejected', (waitForReadyMs) => {
    expect(() => client({ waitForReadyMs })).toThrow(
      `INVALID_OPTION: invalid waitForReadyMs ${waitForReadyMs}`,
    );
  });
});
