import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EchoChannel, EchoEnvironment } from '../fixtures/echo-environment.js';
import type { LoadBalancing } from './load-balancing.js';
import { type OutlierDetection, toOutlierDetectionConfig } from './outlier-detection.js';

vi.setConfig({ testTimeout: 30_000 });

let environment: EchoEnvironment;
beforeEach(() => {
  environment = new EchoEnvironment();
});
afterEach(() => environment.close());

const waitOptions = { timeout: 20_000, interval: 5 };

/** Short times and few calls; the percentages are the defaults. */
const quick: OutlierDetection = {
  intervalMs: 100,
  baseEjectionMs: 300,
  maxEjectionMs: 300,
  requestVolume: 3,
};

/** How many servers each of `series` series of calls has reached. */
async function serversReached(channel: EchoChannel, servers: readonly { calls: number }[], series: number) {
  const counts: number[] = [];
  for (let i = 0; i < series; i++) {
    for (const server of servers) server.calls = 0;
    await channel.countResponses(12);
    counts.push(servers.filter(({ calls }) => calls > 0).length);
  }
  return counts;
}

describe.each<LoadBalancing>(['round_robin', 'grpc_js_round_robin'])('under %s', (loadBalancing) => {
  async function threeInstances() {
    const servers = await environment.servers('a', 'b', 'c');
    environment.publish(...servers.map(({ instance }) => instance));
    const channel = environment.channel({ loadBalancing, outlierDetection: quick });
    await channel.untilCallsReach('a', 'b', 'c');
    return { servers, channel };
  }

  describe('one of three instances fails every call', () => {
    it('ejects it, and calls it again when it has recovered', async () => {
      const { servers, channel } = await threeInstances();
      servers[0].behavior = 'fail';
      await channel.untilCallsReach('b', 'c');
      servers[0].behavior = 'respond';
      await channel.untilCallsReach('a', 'b', 'c');
    });

    it('calls it when outlier detection is off', async () => {
      const { servers } = await threeInstances();
      const channel = environment.channel({ loadBalancing, outlierDetection: false });
      servers[0].behavior = 'fail';
      await channel.untilCallsReach('b', 'c', 'error');
      const start = performance.now();
      while (performance.now() - start < 500) await channel.countResponses(12);
      servers[0].calls = 0;
      await channel.countResponses(30);
      expect(servers[0].calls).toBe(10);
    });
  });

  describe('one of three instances is ejected for long', () => {
    async function ejected() {
      const servers = await environment.servers('a', 'b', 'c');
      const [a, b, c] = servers;
      environment.publish(...servers.map(({ instance }) => instance));
      const endless = { baseEjectionMs: 600_000, maxEjectionMs: 600_000 };
      const channel = environment.channel({ loadBalancing, outlierDetection: { ...quick, ...endless } });
      await channel.untilCallsReach('a', 'b', 'c');
      a.behavior = 'fail';
      await channel.untilCallsReach('b', 'c');
      a.behavior = 'respond';
      return { a, b, c, channel };
    }

    it('calls it when the other instances die', async () => {
      const { b, c, channel } = await ejected();
      b.kill();
      await channel.untilCallsReach('c');
      c.kill();
      await channel.untilCallsReach('a');
    });

    it('calls it when the other instances are removed', async () => {
      const { a, channel } = await ejected();
      environment.publish(a.instance);
      await channel.untilCallsReach('a');
    });

    it('calls another instance that is registered at its address', async () => {
      const { a, b, c, channel } = await ejected();
      a.kill();
      const replacement = await environment.server('replacement', a.instance.port);
      environment.publish(replacement.instance, b.instance, c.instance);
      await channel.untilCallsReach('replacement', 'b', 'c');
    });
  });

  it('all of three instances fail: one may be ejected, but never a second', async () => {
    const { servers, channel } = await threeInstances();
    for (const server of servers) server.behavior = 'fail';
    const seen = new Set<number>();
    await vi.waitFor(async () => {
      for (const count of await serversReached(channel, servers, 20)) seen.add(count);
      expect(seen).toContain(2);
    }, waitOptions);
    for (const count of await serversReached(channel, servers, 60)) seen.add(count);
    expect(Math.min(...seen)).toBe(2);
  });

  it('both of two instances fail: neither is ejected', async () => {
    const servers = await environment.servers('a', 'b');
    environment.publish(...servers.map(({ instance }) => instance));
    const channel = environment.channel({ loadBalancing, outlierDetection: quick });
    await channel.untilCallsReach('a', 'b');
    for (const server of servers) server.behavior = 'fail';
    const start = performance.now();
    while (performance.now() - start < 500)
      expect(new Set(await serversReached(channel, servers, 10))).toEqual(new Set([2]));
  });
});

it('durations are objects, exact to the millisecond', () => {
  expect(toOutlierDetectionConfig({ intervalMs: 1_500 }, { round_robin: {} })).toMatchObject({
    outlier_detection: { interval: { seconds: 1, nanos: 500_000_000 } },
  });
});
