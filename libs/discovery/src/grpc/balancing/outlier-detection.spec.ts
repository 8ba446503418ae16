import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EchoChannel, EchoTrial } from './echo-channel.spec.fixture.js';
import { type OutlierDetection, outlierPolicy } from './outlier-detection.js';

vi.setConfig({ testTimeout: 30_000 });

let trial: EchoTrial;
beforeEach(() => {
  trial = new EchoTrial();
});
afterEach(() => trial.end());

const soon = { timeout: 20_000, interval: 5 };

/** The shares are the default ones. Only the times, and the calls it takes in them, are small. */
const quick: OutlierDetection = { intervalMs: 100, ejectionMs: 300, maxEjectionMs: 300, minCalls: 3 };

async function three() {
  const servers = await trial.servers('a', 'b', 'c');
  trial.tell(...servers.map(({ instance }) => instance));
  const channel = trial.channel({ outlierDetection: quick });
  await channel.untilAnsweredBy('a', 'b', 'c');
  return { servers, channel };
}

/** How many servers each row of calls has reached, for so many rows. */
async function reached(channel: EchoChannel, servers: readonly { calls: number }[], rows: number) {
  const counts: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (const server of servers) server.calls = 0;
    await channel.answers(12);
    counts.push(servers.filter(({ calls }) => calls > 0).length);
  }
  return counts;
}

describe('one of three instances answers every call with an error', () => {
  it('is not called any more after a while, and is again when it answers', async () => {
    const { servers, channel } = await three();
    servers[0].manner = 'refuse';
    await channel.untilAnsweredBy('b', 'c');
    servers[0].manner = 'answer';
    await channel.untilAnsweredBy('a', 'b', 'c');
  });

  it('is called on when outlier detection is off', async () => {
    const { servers } = await three();
    const channel = trial.channel({ outlierDetection: false });
    servers[0].manner = 'refuse';
    await channel.untilAnsweredBy('b', 'c', 'error');
    const start = performance.now();
    while (performance.now() - start < 500) await channel.answers(12);
    servers[0].calls = 0;
    await channel.answers(30);
    expect(servers[0].calls).toBe(10);
  });
});

describe('one of three instances was taken out for long', () => {
  async function ejected() {
    const servers = await trial.servers('a', 'b', 'c');
    const [a, b, c] = servers;
    trial.tell(...servers.map(({ instance }) => instance));
    const endless = { ejectionMs: 600_000, maxEjectionMs: 600_000 };
    const channel = trial.channel({ outlierDetection: { ...quick, ...endless } });
    await channel.untilAnsweredBy('a', 'b', 'c');
    a.manner = 'refuse';
    await channel.untilAnsweredBy('b', 'c');
    a.manner = 'answer';
    return { a, b, c, channel };
  }

  it('and the others die: it is called', async () => {
    const { b, c, channel } = await ejected();
    b.kill();
    await channel.untilAnsweredBy('c');
    c.kill();
    await channel.untilAnsweredBy('a');
  });

  it('and the others leave: it is called', async () => {
    const { a, channel } = await ejected();
    trial.tell(a.instance);
    await channel.untilAnsweredBy('a');
  });

  it('and another one is announced at its address: that one is called', async () => {
    const { a, b, c, channel } = await ejected();
    a.kill();
    const again = await trial.server('again', a.instance.port);
    trial.tell(again.instance, b.instance, c.instance);
    await channel.untilAnsweredBy('again', 'b', 'c');
  });
});

it('all of three instances answer errors: one may be taken out, and never a second', async () => {
  const { servers, channel } = await three();
  for (const server of servers) server.manner = 'refuse';
  const seen = new Set<number>();
  await vi.waitFor(async () => {
    for (const count of await reached(channel, servers, 20)) seen.add(count);
    expect(seen).toContain(2);
  }, soon);
  for (const count of await reached(channel, servers, 60)) seen.add(count);
  expect(Math.min(...seen)).toBe(2);
});

it('both of a pair answer errors: both are called on', async () => {
  const servers = await trial.servers('a', 'b');
  trial.tell(...servers.map(({ instance }) => instance));
  const channel = trial.channel({ outlierDetection: quick });
  await channel.untilAnsweredBy('a', 'b');
  for (const server of servers) server.manner = 'refuse';
  const start = performance.now();
  while (performance.now() - start < 500)
    expect(new Set(await reached(channel, servers, 10))).toEqual(new Set([2]));
});

it('gives grpc-js durations as objects, to the millisecond', () => {
  expect(outlierPolicy({ intervalMs: 1_500 }, { round_robin: {} })).toMatchObject({
    outlier_detection: { interval: { seconds: 1, nanos: 500_000_000 } },
  });
});
