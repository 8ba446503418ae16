import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Registry } from '../../registry.js';
import { MemoryRegistry } from '../../testing/memory-registry.js';
import { createGrpcClient } from './grpc-client.js';
import type { GrpcClient } from './stub-types.js';
import { registerResolver } from '../resolver/register-resolver.js';
import { type EchoClient, echoContract, EchoServer, type Message } from '../fixtures/echo.js';
import { resumeStream } from './resume-stream.js';

let memory: MemoryRegistry;
let echo: GrpcClient<EchoClient>;
const cleanups: (() => unknown)[] = [];

beforeEach(() => {
  memory = new MemoryRegistry();
  const registry = new Registry(memory.open());
  cleanups.push(() => registry.close(), registerResolver(registry));
  echo = createGrpcClient(echoContract, { target: 'memory:///echo' });
  cleanups.push(() => echo.close());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function server(name: string): Promise<EchoServer> {
  const started = await EchoServer.start(name);
  cleanups.push(() => started.kill());
  memory.put(started.instance);
  return started;
}

const failingStream = (code: status) =>
  // oxlint-disable-next-line require-yield
  (async function* (): AsyncGenerator<Message> {
    throw Object.assign(new Error('failed'), { code });
  })();

it('continues from another instance with the last value when its instance is killed', async () => {
  const servers = new Map([
    ['a', await server('a')],
    ['b', await server('b')],
  ]);
  const lastValues: (string | undefined)[] = [];
  const received: string[] = [];
  for await (const { text } of resumeStream<Message>((last, { signal }) => {
    lastValues.push(last?.text);
    return echo.watch({ text: '' }, { signal });
  })) {
    received.push(text);
    if (received.length === 2) break;
    memory.remove(text);
    servers.get(text)!.kill();
  }
  expect(received.toSorted()).toEqual(['a', 'b']);
  expect(lastValues[0]).toBeUndefined();
  expect(lastValues.at(-1)).toBe(received[0]);
});

it('leaving the loop ends the call', async () => {
  const a = await server('a');
  for await (const _ of resumeStream((_last, { signal }) => echo.watch({ text: '' }, { signal }))) break;
  await vi.waitFor(() => expect(a.cancelled).toBe(1), { timeout: 5_000 });
});

it('ends without an error when its signal aborts during a stream or between attempts', async () => {
  await server('a');
  for (const open of [
    (signal: AbortSignal) => echo.watch({ text: '' }, { signal }),
    () => failingStream(status.UNAVAILABLE),
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

it('ends when the server ends the stream', async () => {
  const open = async function* () {
    yield 1;
    yield 2;
  };
  expect(await collect(resumeStream(open))).toEqual([1, 2]);
});

it.each([status.NOT_FOUND, status.INVALID_ARGUMENT, status.DEADLINE_EXCEEDED])(
  'throws any other status: %i',
  async (code) => {
    const open = vi.fn<() => AsyncIterable<Message>>(() => failingStream(code));
    await expect(collect(resumeStream(open))).rejects.toMatchObject({ code });
    expect(open).toHaveBeenCalledTimes(1);
  },
);

it('backs off while each attempt fails at once', async () => {
  const times: number[] = [];
  const open = () => {
    times.push(performance.now());
    return failingStream(times.length < 4 ? status.UNAVAILABLE : status.NOT_FOUND);
  };
  const stream = resumeStream(open, { backoff: { initialMs: 20, maxMs: 80 } });
  await expect(collect(stream)).rejects.toMatchObject({ code: status.NOT_FOUND });
  // A timer may fire a millisecond early.
  expect(times[3]! - times[0]!).toBeGreaterThanOrEqual(57);
});

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}
