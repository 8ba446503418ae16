import { once } from 'node:events';
import { createServer } from 'node:net';
import { InterceptingCall, type Interceptor, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiscoveryError } from '../../model/errors.js';
import { Registry } from '../../registry.js';
import { ScriptedBackend } from '../../testing/scripted-backend.js';
import type { LoadBalancing } from '../balancing/load-balancing.js';
import { createGrpcClient, type GrpcClientOptions } from './grpc-client.js';
import type { GrpcClient } from './stub-types.js';
import { registerResolver } from '../resolver/register-resolver.js';
import { type EchoClient, echoContract, EchoServer } from '../fixtures/echo.js';

let backend: ScriptedBackend;
let registry: Registry;
const cleanups: (() => unknown)[] = [];

beforeEach(() => {
  backend = new ScriptedBackend();
  registry = new Registry(backend, { lingerMs: 0, backoff: { initialMs: 1, maxMs: 5 } });
  cleanups.push(registerResolver(registry));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  await registry.close();
});

async function servers<const Names extends readonly string[]>(
  ...names: Names
): Promise<{ [Index in keyof Names]: EchoServer }> {
  const started = await Promise.all(names.map((name) => EchoServer.start(name)));
  cleanups.push(() => started.forEach((server) => server.kill()));
  return started as { [Index in keyof Names]: EchoServer };
}

function client(options: Partial<GrpcClientOptions> = {}): GrpcClient<EchoClient> {
  const echo = createGrpcClient(echoContract, { target: 'scripted:///echo', ...options });
  cleanups.push(() => echo.close());
  return echo;
}

function publish(...listed: EchoServer[]): void {
  backend.observed.push(listed.map(({ instance }) => instance));
}

async function countResponses(echo: GrpcClient<EchoClient>, calls: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < calls; i++) {
    const { text } = await echo.get({ text: '' });
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

/** Calls until exactly these servers respond. */
function untilCallsReach(echo: GrpcClient<EchoClient>, ...names: string[]): Promise<void> {
  return vi.waitFor(
    async () => expect(Object.keys(await countResponses(echo, 12)).toSorted()).toEqual(names),
    { timeout: 5_000 },
  );
}

const unavailable = new DiscoveryError('REGISTRY_UNAVAILABLE', 'connection refused');

describe.each<LoadBalancing>(['round_robin', 'grpc_js_round_robin'])('loadBalancing %s', (loadBalancing) => {
  it('distributes calls evenly over three instances', async () => {
    publish(...(await servers('a', 'b', 'c')));
    const echo = client({ channel: { loadBalancing } });
    await untilCallsReach(echo, 'a', 'b', 'c');
    const counts = await countResponses(echo, 300);
    for (const count of Object.values(counts)) expect(Math.abs(count - 100)).toBeLessThanOrEqual(1);
  });

  it('calls an added instance, and no longer calls a draining one', async () => {
    const [a, b] = await servers('a', 'b');
    publish(a);
    const echo = client({ channel: { loadBalancing } });
    await untilCallsReach(echo, 'a');
    publish(a, b);
    await untilCallsReach(echo, 'a', 'b');
    backend.observed.push([{ ...a.instance, draining: true }, b.instance]);
    await untilCallsReach(echo, 'b');
  });
});

describe('a discovered client', () => {
  it('holds calls back until the first response of the registry', async () => {
    const [a] = await servers('a');
    const response = client().get({ text: '' });
    publish(a);
    expect(await response).toEqual({ text: 'a' });
  });

  it('passes the address that responded to onHeaders', async () => {
    const [a] = await servers('a');
    publish(a);
    const peers: string[] = [];
    await client().get({ text: '' }, { onHeaders: (_, peer) => peers.push(peer) });
    await client().add({ text: '' }, { onHeaders: (_, peer) => peers.push(peer) });
    const address = `${a.instance.host}:${a.instance.port}`;
    expect(peers).toEqual([address, address]);
  });

  it('keeps calling the last known good set while the registry is unavailable', async () => {
    publish(...(await servers('a', 'b')));
    const echo = client();
    await untilCallsReach(echo, 'a', 'b');
    backend.observed.fail(unavailable);
    await vi.waitFor(() => expect(backend.opened).toBeGreaterThan(1));
    await untilCallsReach(echo, 'a', 'b');
  });

  it('with waitForReadyMs 0 fails at once with the reason while the registry is unavailable from the start', async () => {
    backend.observed.fail(unavailable);
    const failing = client({ waitForReadyMs: 0 }).get({ text: '' }, { deadline: Date.now() + 60_000 });
    await expect(failing).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('connection refused'),
    });
  });

  it('with waitForReadyMs 0 fails at once while there is no instance, and recovers when there is one', async () => {
    publish();
    const echo = client({ waitForReadyMs: 0 });
    const failing = echo.get({ text: '' }, { deadline: Date.now() + 60_000 });
    await expect(failing).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('no instance of echo'),
    });
    publish(...(await servers('a')));
    await vi.waitFor(() => echo.get({ text: '' }), { timeout: 5_000 });
  });

  it('fails with the filter of its target when no instance matches', async () => {
    publish(...(await servers('a')));
    const failing = client({ target: 'scripted:///echo?tag=v2', waitForReadyMs: 0 }).get({ text: '' });
    await expect(failing).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('"v2"'),
    });
  });

  it('applies its default timeout to a call without a deadline', async () => {
    const [a] = await servers('a');
    a.behavior = 'hang';
    publish(a);
    await expect(client({ defaultTimeoutMs: 100 }).get({ text: '' })).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
  });

  it('cancels a call when its signal aborts', async () => {
    const [a] = await servers('a');
    a.behavior = 'hang';
    publish(a);
    const abort = new AbortController();
    const call = client().get({ text: '' }, { signal: abort.signal });
    await vi.waitFor(() => expect(a.calls).toBe(1));
    abort.abort();
    await expect(call).rejects.toBe(abort.signal.reason);
    expect(a.calls).toBe(1);
  });

  it('returns a stream as an async iterable', async () => {
    publish(...(await servers('a')));
    for await (const { text } of client().watch({ text: '' })) {
      expect(text).toBe('a');
      break;
    }
  });

  it('ignores the proxy of the environment', async () => {
    let connections = 0;
    const proxy = createServer(() => (connections += 1)).listen(0, '127.0.0.1');
    cleanups.push(() => proxy.close());
    await once(proxy, 'listening');
    const { port } = proxy.address() as { port: number };
    for (const name of ['http_proxy', 'https_proxy', 'grpc_proxy'])
      vi.stubEnv(name, `http://127.0.0.1:${port}`);
    cleanups.push(() => vi.unstubAllEnvs());
    publish(...(await servers('a')));
    expect(await client().get({ text: '' })).toEqual({ text: 'a' });
    expect(connections).toBe(0);
  });
});

/** Set once for each call by an interceptor of the user; all attempts of the call carry it. */
const requestIdKey = 'x-request-id';

it('channelOptions of a client are validated', () => {
  const channelOptions = {
    'grpc.service_config': JSON.stringify({ loadBalancingPolicy: 'round_robin' }),
  };
  expect(() => client({ channelOptions })).toThrow(/^INVALID_OPTION: invalid grpc\.service_config/);
});

describe('a call whose instance dies after the response headers', () => {
  async function dyingAndHealthy() {
    const [dying, healthy] = await servers('dying', 'healthy');
    publish(dying, healthy);
    let ids = 0;
    const addRequestId: Interceptor = (options, nextCall) =>
      new InterceptingCall(nextCall(options), {
        start(metadata, listener, next) {
          metadata.set(requestIdKey, String(++ids));
          next(metadata, listener);
        },
      });
    const echo = client({ interceptors: [addRequestId] });
    await untilCallsReach(echo, 'dying', 'healthy');
    dying.behavior = 'headers only';
    dying.calls = 0;
    return { dying, healthy, echo };
  }

  it('is retried on another one under the same request id if its method is idempotent', async () => {
    const { dying, healthy, echo } = await dyingAndHealthy();
    const calls = Array.from({ length: 20 }, () => echo.get({ text: '' }));
    await vi.waitFor(() => expect(dying.calls).toBeGreaterThan(5));
    const pendingIds = dying.metadata.slice(-dying.calls).map((metadata) => metadata.get(requestIdKey)[0]);
    dying.kill();
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ text: 'healthy' })));
    const completedIds = new Set(healthy.metadata.map((metadata) => metadata.get(requestIdKey)[0]));
    expect(pendingIds.every((id) => completedIds.has(id!))).toBe(true);
  });

  it('is not retried if its method is not idempotent', async () => {
    const { dying, echo } = await dyingAndHealthy();
    const calls = Array.from({ length: 2 }, () => echo.add({ text: '' }));
    await vi.waitFor(() => expect(dying.calls).toBe(1));
    dying.kill();
    const results = await Promise.allSettled(calls);
    expect(results.filter(({ status: outcome }) => outcome === 'rejected').length).toBe(1);
  });
});

describe('when every instance fails', () => {
  it('each call fails, and few are retried', async () => {
    const [a, b] = await servers('a', 'b');
    publish(a, b);
    const echo = client();
    await untilCallsReach(echo, 'a', 'b');
    a.behavior = b.behavior = 'fail';
    a.calls = b.calls = 0;
    for (let i = 0; i < 1_000; i++) {
      await expect(echo.get({ text: '' })).rejects.toMatchObject({
        code: status.UNAVAILABLE,
        details: 'overloaded',
      });
    }
    // The budget spends half of its 200 tokens on retries.
    expect(a.calls + b.calls).toBeGreaterThan(1_000);
    expect(a.calls + b.calls).toBeLessThanOrEqual(1_100);
  }, 30_000);

  it('with waitForReadyMs 0 a call fails before its deadline', async () => {
    const [a] = await servers('a');
    publish(a);
    const echo = client({ waitForReadyMs: 0 });
    await untilCallsReach(echo, 'a');
    a.kill();
    const failing = echo.get({ text: '' }, { deadline: Date.now() + 60_000 });
    await expect(failing).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});

describe('a target', () => {
  it.each([
    'scripted:///echo.1',
    'scripted:///echo/v2',
    'scripted:///',
    'scripted:///echo?tags=v2',
    'scripted://eu/echo',
  ])('"%s" throws when the client is created', (target) => {
    expect(() => client({ target })).toThrow(/INVALID_TARGET/);
  });

  it.each(['unknown:///echo', 'SCRIPTED:///echo'])(
    '"%s", which grpc-js would resolve by DNS, throws',
    (target) => {
      expect(() => client({ target })).toThrow(
        /^INVALID_TARGET: invalid target .* call registerResolver\(registry\)/,
      );
    },
  );

  it('may be an address without a scheme, which grpc-js asks DNS for', async () => {
    const [a] = await servers('a');
    for (const host of ['127.0.0.1', 'localhost']) {
      const echo = client({ target: `${host}:${a.instance.port}` });
      expect(await echo.get({ text: '' })).toEqual({ text: 'a' });
    }
  });

  it('may belong to several handles of one registry: the newest is used, then one that is open', async () => {
    const [a, b, c] = await servers('a', 'b', 'c');
    const otherBackend = new ScriptedBackend();
    const other = new Registry(otherBackend, { lingerMs: 0 });
    const unregister = registerResolver(other);
    cleanups.push(() => other.close());
    otherBackend.observed.push([a.instance]);
    const echo = client();
    await untilCallsReach(echo, 'a');
    publish(b);
    unregister();
    await other.close();
    await untilCallsReach(echo, 'b');
    publish(c, b);
    await untilCallsReach(echo, 'b', 'c');
  });

  it('may name a registry in its authority', async () => {
    const other = new ScriptedBackend();
    const eu = new Registry(other);
    cleanups.push(registerResolver(eu, { name: 'eu' }), () => eu.close());
    const [a] = await servers('a');
    other.observed.push([a.instance]);
    expect(await client({ target: 'scripted://eu/echo' }).get({ text: '' })).toEqual({ text: 'a' });
  });

  it('belongs to one registry: one at another location is rejected under the same name', () => {
    const other = new Registry(Object.assign(new ScriptedBackend(), { location: 'scripted://elsewhere' }));
    expect(() => registerResolver(other)).toThrow(/^INVALID_OPTION: scripted:\/\/\/ is already registered/);
  });
});
