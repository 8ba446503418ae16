import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deadInstance, EchoTrial } from './echo-channel.spec.fixture.js';
import type { LoadBalancing } from './load-balancing.js';

vi.setConfig({ testTimeout: 30_000 });

let trial: EchoTrial;
beforeEach(() => {
  trial = new EchoTrial();
});
afterEach(() => trial.end());

const soon = { timeout: 20_000, interval: 5 };

describe.each<LoadBalancing>(['round_robin', 'weighted', 'least_request', { policy: 'zone', zone: 'near' }])(
  'under %j',
  (loadBalancing) => {
    it('all instances are called', async () => {
      const servers = await trial.servers('a', 'b', 'c');
      trial.tell(...servers.map(({ instance }) => instance));
      const channel = trial.channel({ loadBalancing });
      await channel.untilAnsweredBy('a', 'b', 'c');
    });

    it('an instance that dies is not called any more, and is again when it is back', async () => {
      const [a, b] = await trial.servers('a', 'b');
      trial.tell(a.instance, b.instance);
      const channel = trial.channel({ loadBalancing });
      await channel.untilAnsweredBy('a', 'b');
      a.kill();
      await channel.untilAnsweredBy('b');
      const again = await trial.server('a2', a.instance.port);
      trial.tell(again.instance, b.instance);
      await channel.untilAnsweredBy('a2', 'b');
    });

    it('newcomers are called, those that left are not, and connections that stay are kept', async () => {
      const [a, b, c] = await trial.servers('a', 'b', 'c');
      trial.tell(a.instance, b.instance);
      const channel = trial.channel({ loadBalancing });
      await channel.untilAnsweredBy('a', 'b');
      trial.tell(b.instance, c.instance);
      await channel.untilAnsweredBy('b', 'c');
      expect(b.connections.size).toBe(1);
    });

    it('no instance is connected: a call fails; one that is to wait, waits', async () => {
      trial.tell(await deadInstance('x'));
      const channel = trial.channel({ loadBalancing });
      await vi.waitFor(() => expect(channel.call()).rejects.toThrow('No connection established'), soon);
      const waiting = channel.call({ waitForReady: true });
      const [a] = await trial.servers('a');
      trial.tell(a.instance);
      expect(await waiting).toBe('a');
    });

    it('no instance is known: a call fails and says why; one that is to wait, waits', async () => {
      const [a] = await trial.servers('a');
      trial.tell(a.instance);
      const channel = trial.channel({ loadBalancing });
      await channel.untilAnsweredBy('a');
      trial.tell();
      await vi.waitFor(() => expect(channel.call()).rejects.toThrow('has no instance of echo'), soon);
      const waiting = channel.call({ waitForReady: true });
      await expect(channel.call()).rejects.toThrow('has no instance of echo');
      trial.tell(a.instance);
      expect(await waiting).toBe('a');
    });
  },
);

describe('weighted', () => {
  it('gives weights 3 and 1 three calls for each one, within 2 %, and smoothly', async () => {
    const [a, b] = await trial.servers('a', 'b');
    trial.tell({ ...a.instance, weight: 3 }, b.instance);
    const channel = trial.channel({ loadBalancing: 'weighted' });
    await channel.untilAnsweredBy('a', 'b');
    const { a: toA = 0, b: toB = 0 } = await channel.answers(400);
    expect(Math.abs(toA - 300)).toBeLessThanOrEqual(6);
    expect(toA + toB).toBe(400);
    // Never more than three in a row.
    for (let i = 0; i < 10; i++) expect((await channel.answers(4))['b']).toBe(1);
  });

  it('follows weights that change, from enormous to small, and keeps the connections', async () => {
    const [a, b] = await trial.servers('a', 'b');
    trial.tell({ ...a.instance, weight: 65_535 }, b.instance);
    const channel = trial.channel({ loadBalancing: 'weighted' });
    await vi.waitFor(async () => expect(await channel.answers(50)).toEqual({ a: 50 }), soon);
    trial.tell(a.instance, { ...b.instance, weight: 3 });
    await vi.waitFor(async () => {
      const { b: toB = 0 } = await channel.answers(400);
      expect(Math.abs(toB - 300)).toBeLessThanOrEqual(6);
    }, soon);
    expect([a.connections.size, b.connections.size]).toEqual([1, 1]);
  });

  it('under round_robin weights do not count, and a change of them keeps the connections', async () => {
    const [a, b] = await trial.servers('a', 'b');
    trial.tell({ ...a.instance, weight: 3 }, b.instance);
    const channel = trial.channel();
    await channel.untilAnsweredBy('a', 'b');
    trial.tell(a.instance, { ...b.instance, weight: 9 });
    trial.tell(a.instance, { ...b.instance, weight: 7 });
    expect(await channel.answers(100)).toEqual({ a: 50, b: 50 });
    expect([a.connections.size, b.connections.size]).toEqual([1, 1]);
  });
});

describe('least_request', () => {
  it('sends no more calls to one that does not answer, and sends some again when it does', async () => {
    const [slow, b, c] = await trial.servers('slow', 'b', 'c');
    trial.tell(slow.instance, b.instance, c.instance);
    const channel = trial.channel({ loadBalancing: 'least_request', outlierDetection: false });
    await channel.untilAnsweredBy('slow', 'b', 'c');
    slow.manner = 'silence';
    slow.calls = 0;
    let answered = 0;
    const ended = new AbortController();
    setMaxListeners(30, ended.signal);
    const calls = Array.from({ length: 30 }, async () => {
      await channel.call({ signal: ended.signal });
      answered += 1;
    });
    const settled = Promise.allSettled(calls);
    await vi.waitFor(() => expect(answered + slow.calls).toBe(30), soon);
    const stuck = slow.calls;
    expect(stuck).toBeGreaterThan(0);
    b.calls = c.calls = 0;
    for (let i = 0; i < 200; i++) await channel.call();
    expect(slow.calls).toBe(stuck);
    expect(Math.min(b.calls, c.calls)).toBeGreaterThan(40);
    slow.manner = 'answer';
    ended.abort();
    await settled;
    await channel.untilAnsweredBy('slow', 'b', 'c');
  });
});

describe('zone', () => {
  const zone: LoadBalancing = { policy: 'zone', zone: 'near' };

  it('calls those of its zone; all others when none of them is connected; and its own again', async () => {
    const [near, far, farther] = await trial.servers('near', 'far', 'farther');
    const others = [{ ...far.instance, zone: 'far' }, farther.instance];
    trial.tell({ ...near.instance, zone: 'near' }, ...others);
    const channel = trial.channel({ loadBalancing: zone });
    await channel.untilAnsweredBy('near');
    near.kill();
    await channel.untilAnsweredBy('far', 'farther');
    const again = await trial.server('again', near.instance.port);
    trial.tell({ ...again.instance, zone: 'near' }, ...others);
    await channel.untilAnsweredBy('again');
  });

  it('spreads calls within the zone as it is told', async () => {
    const [a, b, far] = await trial.servers('a', 'b', 'far');
    trial.tell(
      { ...a.instance, zone: 'near', weight: 3 },
      { ...b.instance, zone: 'near' },
      { ...far.instance, zone: 'far', weight: 100 },
    );
    const channel = trial.channel({ loadBalancing: { ...zone, within: 'weighted' } });
    await channel.untilAnsweredBy('a', 'b');
    const { a: toA = 0, b: toB = 0 } = await channel.answers(400);
    expect(Math.abs(toA - 300)).toBeLessThanOrEqual(6);
    expect(toA + toB).toBe(400);
  });
});
