import { once } from 'node:events';
import { createServer } from 'node:net';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiscoveryError } from '../../model/errors.js';
import { Registry } from '../../registry.js';
import { ScriptedBackend } from '../../testing/scripted-backend.js';
import { createGrpcClient, type GrpcClient, type GrpcClientOptions } from './grpc-client.js';
import { registerResolver } from '../resolver/register-resolver.js';
import { type EchoClient, echoContract, EchoServer } from '../fixtures/echo.js';
import { requestIdKey } from '../interceptors/retry-interceptor.js';

let backend: ScriptedBackend;
let registry: Registry;
const endings: (() => unknown)[] = [];

beforeEach(() => {
  backend = new ScriptedBackend();
  registry = new Registry(backend, { lingerMs: 0, backoff: { initialMs: 1, maxMs: 5 } });
  endings.push(registerResolver(registry));
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
  await registry.close();
});

async function servers<const Names extends readonly string[]>(
  ...names: Names
): Promise<{ [Index in keyof Names]: EchoServer }> {
  const started = await Promise.all(names.map((name) => EchoServer.start(name)));
  endings.push(() => started.forEach((server) => server.kill()));
  return started as { [Index in keyof Names]: EchoServer };
}

function client(options: Partial<GrpcClientOptions> = {}): GrpcClient<EchoClient> {
  const echo = createGrpcClient(echoContract, { target: 'scripted:///echo', ...options });
  endings.push(() => echo.close());
  return echo;
}

function tell(...known: EchoServer[]): void {
  backend.observed.say(known.map(({ instance }) => instance));
}

async function answers(echo: GrpcClient<EchoClient>, calls: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < calls; i++) {
    const { text } = await echo.get({ text: '' });
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

/** Calls until exactly these servers answer. */
function untilAnsweredBy(echo: GrpcClient<EchoClient>, ...names: string[]): Promise<void> {
  return vi.waitFor(async () => expect(Object.keys(await answers(echo, 12)).toSorted()).toEqual(names), {
    timeout: 5_000,
  });
}

const away = new DiscoveryError('REGISTRY_UNAVAILABLE', 'connection refused');

describe('a discovered client', () => {
  it('gives each of three instances its third of the calls', async () => {
    tell(...(await servers('a', 'b', 'c')));
    const echo = client();
    await untilAnsweredBy(echo, 'a', 'b', 'c');
    const counts = await answers(echo, 300);
    for (const count of Object.values(counts)) expect(Math.abs(count - 100)).toBeLessThanOrEqual(1);
  });

  it('waits with its calls for the first word of the registry', async () => {
    const [a] = await servers('a');
    const answer = client().get({ text: '' });
    tell(a);
    expect(await answer).toEqual({ text: 'a' });
  });

  it('tells the caller which address answered', async () => {
    const [a] = await servers('a');
    tell(a);
    const peers: string[] = [];
    await client().get({ text: '' }, { onHeaders: (_, peer) => peers.push(peer) });
    await client().add({ text: '' }, { onHeaders: (_, peer) => peers.push(peer) });
    const address = `${a.instance.host}:${a.instance.port}`;
    expect(peers).toEqual([address, address]);
  });

  it('calls a newcomer, and no longer calls one that has left', async () => {
    const [a, b] = await servers('a', 'b');
    tell(a);
    const echo = client();
    await untilAnsweredBy(echo, 'a');
    tell(a, b);
    await untilAnsweredBy(echo, 'a', 'b');
    backend.observed.say([{ ...a.instance, draining: true }, b.instance]);
    await untilAnsweredBy(echo, 'b');
  });

  it('goes on with the last known good set while the registry is away', async () => {
    tell(...(await servers('a', 'b')));
    const echo = client();
    await untilAnsweredBy(echo, 'a', 'b');
    backend.observed.fail(away);
    await vi.waitFor(() => expect(backend.opened).toBeGreaterThan(1));
    await untilAnsweredBy(echo, 'a', 'b');
  });

  it('fails at once when it is not to wait, and says why, when the registry has not answered yet and is away', async () => {
    backend.observed.fail(away);
    const failing = client({ waitForReadyMs: 0 }).get({ text: '' }, { deadline: Date.now() + 60_000 });
    await expect(failing).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('connection refused'),
    });
  });

  it('fails at once when it is not to wait and there is no instance, and works again when one comes', async () => {
    tell();
    const echo = client({ waitForReadyMs: 0 });
    const failing = echo.get({ text: '' }, { deadline: Date.now() + 60_000 });
    await expect(failing).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('no instance of echo'),
    });
    tell(...(await servers('a')));
    await vi.waitFor(() => echo.get({ text: '' }), { timeout: 5_000 });
  });

  it('says that none fits the filter of its target', async () => {
    tell(...(await servers('a')));
    const failing = client({ target: 'scripted:///echo?tag=v2', waitForReadyMs: 0 }).get({ text: '' });
    await expect(failing).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('"v2"'),
    });
  });

  it('ends a call that comes without a deadline after its own', async () => {
    const [a] = await servers('a');
    a.manner = 'silence';
    tell(a);
    await expect(client({ defaultTimeoutMs: 100 }).get({ text: '' })).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
  });

  it('cancels a call when its signal aborts', async () => {
    const [a] = await servers('a');
    a.manner = 'silence';
    tell(a);
    const abort = new AbortController();
    const call = client().get({ text: '' }, { signal: abort.signal });
    await vi.waitFor(() => expect(a.calls).toBe(1));
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: status.CANCELLED });
    expect(a.calls).toBe(1);
  });

  it('gives a stream as an async iterable, and ends the call when the loop is left', async () => {
    tell(...(await servers('a')));
    for await (const { text } of client().watch({ text: '' })) {
      expect(text).toBe('a');
      break;
    }
  });

  it('does not touch the proxy that the environment names', async () => {
    let connections = 0;
    const proxy = createServer(() => (connections += 1)).listen(0, '127.0.0.1');
    endings.push(() => proxy.close());
    await once(proxy, 'listening');
    const { port } = proxy.address() as { port: number };
    for (const name of ['http_proxy', 'https_proxy', 'grpc_proxy'])
      vi.stubEnv(name, `http://127.0.0.1:${port}`);
    endings.push(() => vi.unstubAllEnvs());
    tell(...(await servers('a')));
    expect(await client().get({ text: '' })).toEqual({ text: 'a' });
    expect(connections).toBe(0);
  });
});

describe('a call whose instance dies after it sent its headers', () => {
  async function dyingAndLiving() {
    const [dying, living] = await servers('dying', 'living');
    tell(dying, living);
    const echo = client();
    await untilAnsweredBy(echo, 'dying', 'living');
    dying.manner = 'headers only';
    dying.calls = 0;
    return { dying, living, echo };
  }

  it('is sent again to another one when its method is idempotent, under the same request id', async () => {
    const { dying, living, echo } = await dyingAndLiving();
    const calls = Array.from({ length: 20 }, () => echo.get({ text: '' }));
    await vi.waitFor(() => expect(dying.calls).toBeGreaterThan(5));
    const unanswered = dying.metadata.slice(-dying.calls).map((metadata) => metadata.get(requestIdKey)[0]);
    dying.kill();
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ text: 'living' })));
    const answered = new Set(living.metadata.map((metadata) => metadata.get(requestIdKey)[0]));
    expect(unanswered.every((id) => answered.has(id!))).toBe(true);
  });

  it('is not sent again when its method is not idempotent', async () => {
    const { dying, echo } = await dyingAndLiving();
    const calls = Array.from({ length: 2 }, () => echo.add({ text: '' }));
    await vi.waitFor(() => expect(dying.calls).toBe(1));
    dying.kill();
    const results = await Promise.allSettled(calls);
    expect(results.filter(({ status: outcome }) => outcome === 'rejected').length).toBe(1);
  });
});

describe('when every instance fails', () => {
  it('each call fails, and few are sent again', async () => {
    const [a, b] = await servers('a', 'b');
    tell(a, b);
    const echo = client();
    await untilAnsweredBy(echo, 'a', 'b');
    a.manner = b.manner = 'refuse';
    a.calls = b.calls = 0;
    for (let i = 0; i < 1_000; i++) {
      await expect(echo.get({ text: '' })).rejects.toMatchObject({
        code: status.UNAVAILABLE,
        details: 'overloaded',
      });
    }
    // The budget lets half of its 200 tokens go to repeats, and then none.
    expect(a.calls + b.calls).toBeGreaterThan(1_000);
    expect(a.calls + b.calls).toBeLessThanOrEqual(1_100);
  }, 30_000);

  it('a call fails when there is nobody left, and does not wait for its deadline', async () => {
    const [a] = await servers('a');
    tell(a);
    const echo = client({ waitForReadyMs: 0 });
    await untilAnsweredBy(echo, 'a');
    a.kill();
    const failing = echo.get({ text: '' }, { deadline: Date.now() + 60_000 });
    await expect(failing).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});

describe('a target', () => {
  it.each([
    'scripted:///Echo',
    'scripted:///echo/v2',
    'scripted:///',
    'scripted:///echo?tags=v2',
    'scripted://eu/echo',
  ])('"%s" throws when the client is made', (target) => {
    expect(() => client({ target })).toThrow(/INVALID_TARGET/);
  });

  it.each(['unheard-of:///echo', 'SCRIPTED:///echo'])(
    '"%s", which grpc-js would ask DNS for, throws',
    (target) => {
      expect(() => client({ target })).toThrow(/^INVALID_TARGET: grpc-js took .* call connect\(registry\)/);
    },
  );

  it('names a registry in its authority', async () => {
    const other = new ScriptedBackend();
    const eu = new Registry(other);
    endings.push(registerResolver(eu, { name: 'eu' }), () => eu.close());
    const [a] = await servers('a');
    other.observed.say([a.instance]);
    expect(await client({ target: 'scripted://eu/echo' }).get({ text: '' })).toEqual({ text: 'a' });
  });

  it('means one registry: a second one under the same name is refused', () => {
    const other = new Registry(new ScriptedBackend());
    expect(() => registerResolver(other)).toThrow(/^INVALID_OPTION: scripted:\/\/\/ already means/);
  });
});
