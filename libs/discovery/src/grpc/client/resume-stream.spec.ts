import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Registry } from '../../registry.js';
import { MemoryRegistry } from '../../testing/memory-registry.js';
import { createGrpcClient, type GrpcClient } from './grpc-client.js';
import { registerResolver } from '../resolver/register-resolver.js';
import { type EchoClient, echoContract, EchoServer, type Message } from '../fixtures/echo.js';
import { resumeStream } from './resume-stream.js';

let memory: MemoryRegistry;
let echo: GrpcClient<EchoClient>;
const endings: (() => unknown)[] = [];

beforeEach(() => {
  memory = new MemoryRegistry();
  const registry = new Registry(memory.open());
  endings.push(() => registry.close(), registerResolver(registry));
  echo = createGrpcClient(echoContract, { target: 'memory:///echo' });
  endings.push(() => echo.close());
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function server(name: string): Promise<EchoServer> {
  const started = await EchoServer.start(name);
  endings.push(() => started.kill());
  memory.put(started.instance);
  return started;
}

const failing = (code: status) =>
  // oxlint-disable-next-line require-yield
  (async function* (): AsyncGenerator<Message> {
    throw Object.assign(new Error('refused'), { code });
  })();

it('goes on from another instance when the one that served is killed, with the last value', async () => {
  const servers = new Map([
    ['a', await server('a')],
    ['b', await server('b')],
  ]);
  const lasts: (string | undefined)[] = [];
  const seen: string[] = [];
  for await (const { text } of resumeStream<Message>((last, { signal }) => {
    lasts.push(last?.text);
    return echo.watch({ text: '' }, { signal });
  })) {
    seen.push(text);
    if (seen.length === 2) break;
    memory.remove(text);
    servers.get(text)!.kill();
  }
  expect(seen.toSorted()).toEqual(['a', 'b']);
  expect(lasts[0]).toBeUndefined();
  expect(lasts.at(-1)).toBe(seen[0]);
});

it('ends the call when the loop is left', async () => {
  const a = await server('a');
  for await (const _ of resumeStream((_last, { signal }) => echo.watch({ text: '' }, { signal }))) break;
  await vi.waitFor(() => expect(a.cancelled).toBe(1), { timeout: 5_000 });
});

it('ends without an error when its signal aborts, while it streams and while it waits for the next attempt', async () => {
  await server('a');
  for (const open of [
    (signal: AbortSignal) => echo.watch({ text: '' }, { signal }),
    () => failing(status.UNAVAILABLE),
  ]) {
    const abort = new AbortController();
    let attempts = 0;
    const values = collect(
      resumeStream(
        (_last, { signal }) => {
          attempts += 1;
          setImmediate(() => abort.abort());
          return open(signal);
        },
        { signal: abort.signal, backoff: { initialMs: 60_000, maxMs: 60_000 } },
      ),
    );
    expect((await values).length).toBeLessThanOrEqual(1);
    expect(attempts).toBe(1);
  }
});

it('ends when the server has nothing more to say', async () => {
  const open = async function* () {
    yield 1;
    yield 2;
  };
  expect(await collect(resumeStream(open))).toEqual([1, 2]);
});

it.each([status.NOT_FOUND, status.INVALID_ARGUMENT, status.DEADLINE_EXCEEDED])(
  'throws what no other instance would answer differently: %i',
  async (code) => {
    const open = vi.fn<() => AsyncIterable<Message>>(() => failing(code));
    await expect(collect(resumeStream(open))).rejects.toMatchObject({ code });
    expect(open).toHaveBeenCalledTimes(1);
  },
);

it('waits longer and longer while each attempt fails at once', async () => {
  const times: number[] = [];
  const open = () => {
    times.push(performance.now());
    return failing(times.length < 4 ? status.UNAVAILABLE : status.NOT_FOUND);
  };
  const stream = resumeStream(open, { backoff: { initialMs: 20, maxMs: 80 } });
  await expect(collect(stream)).rejects.toMatchObject({ code: status.NOT_FOUND });
  // A timer may fire a millisecond before its time.
  expect(times[3]! - times[0]!).toBeGreaterThanOrEqual(57);
});

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
