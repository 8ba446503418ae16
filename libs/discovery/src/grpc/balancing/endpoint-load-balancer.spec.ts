import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deadInstance, EchoEnvironment } from '../fixtures/echo-environment.js';
import type { LoadBalancing } from './load-balancing.js';

vi.setConfig({ testTimeout: 30_000 });

let environment: EchoEnvironment;
beforeEach(() => {
  environment = new EchoEnvironment();
});
afterEach(() => environment.close());

const waitOptions = { timeout: 20_000, interval: 5 };

describe.each<LoadBalancing>([
  'round_robin',
  'grpc_js_round_robin',
  'weighted',
  'least_request',
  { policy: 'zone', zone: 'local' },
])('under %j', (loadBalancing) => {
  it('all instances are called', async () => {
    const servers = await environment.servers('a', 'b', 'c');
    environment.publish(...servers.map(({ instance }) => instance));
    const channel = environment.channel({ loadBalancing });
    await channel.untilCallsReach('a', 'b', 'c');
  });

  it('a dead instance is not called, and is called again after its restart', async () => {
    const [a, b] = await environment.servers('a', 'b');
    environment.publish(a.instance, b.instance);
    const channel = environment.channel({ loadBalancing });
    await channel.untilCallsReach('a', 'b');
    a.kill();
    await channel.untilCallsReach('b');
    const restarted = await environment.server('a2', a.instance.port);
    environment.publish(restarted.instance, b.instance);
    await channel.untilCallsReach('a2', 'b');
  });

  it('added instances are called, removed ones are not, and the others keep their connections', async () => {
    const [a, b, c] = await environment.servers('a', 'b', 'c');
    environment.publish(a.instance, b.instance);
    const channel = environment.channel({ loadBalancing });
    await channel.untilCallsReach('a', 'b');
    environment.publish(b.instance, c.instance);
    await channel.untilCallsReach('b', 'c');
    expect(b.connections.size).toBe(1);
  });

  it('no instance is connected: a call fails, a call with waitForReady waits', async () => {
    environment.publish(await deadInstance('x'));
    const channel = environment.channel({ loadBalancing });
    await vi.waitFor(() => expect(channel.call()).rejects.toThrow('No connection established'), waitOptions);
    const waiting = channel.call({ waitForReady: true });
    const [a] = await environment.servers('a');
    environment.publish(a.instance);
    expect(await waiting).toBe('a');
  });

  it('no instance is known: a call fails with the reason, a call with waitForReady waits', async () => {
    const [a] = await environment.servers('a');
    environment.publish(a.instance);
    const channel = environment.channel({ loadBalancing });
    await channel.untilCallsReach('a');
    environment.publish();
    await vi.waitFor(() => expect(channel.call()).rejects.toThrow('has no instance of echo'), waitOptions);
    const waiting = channel.call({ waitForReady: true });
    await expect(channel.call()).rejects.toThrow('has no instance of echo');
    environment.publish(a.instance);
    expect(await waiting).toBe('a');
  });
});

describe('weighted', () => {
  it('weights 3 and 1 get calls 3 to 1 within 2 %, smoothly', async () => {
    const [a, b] = await environment.servers('a', 'b');
    environment.publish({ ...a.instance, weight: 3 }, b.instance);
    const channel = environment.channel({ loadBalancing: 'weighted' });
    await channel.untilCallsReach('a', 'b');
    const { a: toA = 0, b: toB = 0 } = await channel.countResponses(400);
    expect(Math.abs(toA - 300)).toBeLessThanOrEqual(6);
    expect(toA + toB).toBe(400);
    // At most three in a row.
    for (let i = 0; i < 10; i++) expect((await channel.countResponses(4))['b']).toBe(1);
  });

  it('applies changed weights, also from very large to small, and keeps the connections', async () => {
    const [a, b] = await environment.servers('a', 'b');
    environment.publish({ ...a.instance, weight: 65_535 }, b.instance);
    const channel = environment.channel({ loadBalancing: 'weighted' });
    await vi.waitFor(async () => expect(await channel.countResponses(50)).toEqual({ a: 50 }), waitOptions);
    environment.publish(a.instance, { ...b.instance, weight: 3 });
    await vi.waitFor(async () => {
      const { b: toB = 0 } = await channel.countResponses(400);
      expect(Math.abs(toB - 300)).toBeLessThanOrEqual(6);
    }, waitOptions);
    expect([a.connections.size, b.connections.size]).toEqual([1, 1]);
  });

  it.each(['round_robin', 'grpc_js_round_robin'] as const)(
    '%s ignores weights, and keeps the connections when they change',
    async (loadBalancing) => {
      const [a, b] = await environment.servers('a', 'b');
      environment.publish({ ...a.instance, weight: 3 }, b.instance);
      const channel = environment.channel({ loadBalancing });
      await channel.untilCallsReach('a', 'b');
      environment.publish(a.instance, { ...b.instance, weight: 9 });
      environment.publish(a.instance, { ...b.instance, weight: 7 });
      expect(await channel.countResponses(100)).toEqual({ a: 50, b: 50 });
      expect([a.connections.size, b.connections.size]).toEqual([1, 1]);
    },
  );
});

describe('least_request', () => {
  it('does not call an instance with calls in flight, and calls it again when they have ended', async () => {
    const [slow, b, c] = await environment.servers('slow', 'b', 'c');
    environment.publish(slow.instance, b.instance, c.instance);
    const channel = environment.channel({ loadBalancing: 'least_request', outlierDetection: false });
    await channel.untilCallsReach('slow', 'b', 'c');
    slow.behavior = 'hang';
    slow.calls = 0;
    let responses = 0;
    const abort = new AbortController();
    setMaxListeners(30, abort.signal);
    const calls = Array.from({ length: 30 }, async () => {
      await channel.call({ signal: abort.signal });
      responses += 1;
    });
    const settled = Promise.allSettled(calls);
    await vi.waitFor(() => expect(responses + slow.calls).toBe(30), waitOptions);
    const inFlight = slow.calls;
    expect(inFlight).toBeGreaterThan(0);
    b.calls = c.calls = 0;
    for (let i = 0; i < 200; i++) await channel.call();
    expect(slow.calls).toBe(inFlight);
    expect(Math.min(b.calls, c.calls)).toBeGreaterThan(40);
    slow.behavior = 'respond';
    abort.abort();
    await settled;
    await channel.untilCallsReach('slow', 'b', 'c');
  });
});

describe('zone', () => {
  const zone: LoadBalancing = { policy: 'zone', zone: 'local' };

  it('calls its zone, all instances while none of its zone is connected, and then its zone again', async () => {
    const [local, remote, unzoned] = await environment.servers('local', 'remote', 'unzoned');
    const others = [{ ...remote.instance, zone: 'remote' }, unzoned.instance];
    environment.publish({ ...local.instance, zone: 'local' }, ...others);
    const channel = environment.channel({ loadBalancing: zone });
    await channel.untilCallsReach('local');
    local.kill();
    await channel.untilCallsReach('remote', 'unzoned');
    const restarted = await environment.server('restarted', local.instance.port);
    environment.publish({ ...restarted.instance, zone: 'local' }, ...others);
    await channel.untilCallsReach('restarted');
  });

  it('distributes the calls within the zone by the policy of `within`', async () => {
    const [a, b, remote] = await environment.servers('a', 'b', 'remote');
    environment.publish(
      { ...a.instance, zone: 'local', weight: 3 },
      { ...b.instance, zone: 'local' },
      { ...remote.instance, zone: 'remote', weight: 100 },
    );
    const channel = environment.channel({ loadBalancing: { ...zone, within: 'weighted' } });
    await channel.untilCallsReach('a', 'b');
    const { a: toA = 0, b: toB = 0 } = await channel.countResponses(400);
    expect(Math.abs(toA - 300)).toBeLessThanOrEqual(6);
    expect(toA + toB).toBe(400);
  });
});
