import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectivityState } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LoadBalancing } from './load-balancing.js';
import { deadInstance, type EchoChannel, EchoTrial } from './echo-channel.spec.fixture.js';

vi.setConfig({ testTimeout: 30_000 });

let trial: EchoTrial;
beforeEach(() => {
  trial = new EchoTrial();
});
afterEach(() => trial.end());

/** A backoff that no test lives to see the end of. */
const endlessBackoff = { reconnectInitialMs: 600_000, reconnectMaxMs: 600_000 };

const soon = { timeout: 20_000, interval: 5 };

function untilItIs(state: connectivityState, channel: EchoChannel): Promise<void> {
  return vi.waitFor(() => expect(channel.client.getChannel().getConnectivityState(true)).toBe(state), soon);
}

describe.each<LoadBalancing>(['round_robin', 'weighted'])('an only instance under %s', (loadBalancing) => {
  async function died() {
    const [a] = await trial.servers('a');
    trial.tell(a.instance);
    const channel = trial.channel({ loadBalancing, ...endlessBackoff });
    await channel.untilAnsweredBy('a');
    a.kill();
    await untilItIs(connectivityState.TRANSIENT_FAILURE, channel);
    return { a, channel };
  }

  it('is restarted on its port and announced anew: it is called, however long its backoff', async () => {
    const { a, channel } = await died();
    const again = await trial.server('a2', a.instance.port);
    trial.tell(again.instance);
    await channel.untilAnsweredBy('a2');
  });

  it('is announced under its old id with a later time: it is called', async () => {
    const { a, channel } = await died();
    await trial.server('again', a.instance.port);
    trial.tell({ ...a.instance, registeredAt: a.instance.registeredAt! + 1 });
    await channel.untilAnsweredBy('again');
  });

  it('is absent and comes back as it was: it is called', async () => {
    const { a, channel } = await died();
    await trial.server('again', a.instance.port);
    trial.tell();
    await vi.waitFor(() => expect(channel.call()).rejects.toThrow('has no instance of echo'), soon);
    trial.tell(a.instance);
    await channel.untilAnsweredBy('again');
  });

  it('is announced anew while a connection is tried that fails then: it is tried again', async () => {
    const { a, channel } = await died();
    const mute = await muteListener(a.instance.port);
    trial.tell({ ...a.instance, id: 'mute' });
    await vi.waitFor(() => expect(mute.held.length).toBe(1), soon);
    const [b] = await trial.servers('b');
    trial.tell({ ...a.instance, id: 'a2' }, b.instance);
    await channel.untilAnsweredBy('b');
    mute.listener.close();
    await trial.server('a2', a.instance.port);
    for (const socket of mute.held) socket.destroy();
    await channel.untilAnsweredBy('a2', 'b');
  });
});

it('an instance is announced anew while calls wait for its connection: they do not fail', async () => {
  const mute = await muteListener();
  const [b] = await trial.servers('b');
  const silent = { ...b.instance, id: 'silent', port: mute.port };
  trial.tell(silent);
  const channel = trial.channel(endlessBackoff);
  const waiting = channel.call();
  await vi.waitFor(() => expect(mute.held.length).toBe(1), soon);
  trial.tell({ ...silent, registeredAt: silent.registeredAt! + 1 }, b.instance);
  expect(await waiting).toBe('b');
  mute.listener.close();
});

describe('a set that is replaced as a whole', () => {
  it('by dead addresses: the old ones are called on, and no call fails, until their time is over', async () => {
    const [a, b] = await trial.servers('a', 'b');
    trial.tell(a.instance, b.instance);
    const channel = trial.channel({ keepReplacedMs: 500 });
    await channel.untilAnsweredBy('a', 'b');
    const start = performance.now();
    trial.tell(await deadInstance('x'), await deadInstance('y'));
    const answered: string[] = [];
    const failure = await (async () => {
      for (;;) answered.push(await channel.call());
    })().catch((error: Error) => error);
    expect(failure).toMatchObject({ message: expect.stringContaining('No connection established') });
    expect(performance.now() - start).toBeGreaterThan(490);
    expect(new Set(answered)).toEqual(new Set(['a', 'b']));
  });

  it('by living ones: no call fails, and soon none goes to the old ones', async () => {
    const [a, b, c, d] = await trial.servers('a', 'b', 'c', 'd');
    trial.tell(a.instance, b.instance);
    const channel = trial.channel({ keepReplacedMs: 600_000 });
    await channel.untilAnsweredBy('a', 'b');
    trial.tell(c.instance, d.instance);
    const answered: string[] = [];
    while (!answered.slice(-20).every((name) => name === 'c' || name === 'd') || answered.length < 20)
      answered.push(await channel.call());
    expect(await channel.answers(40)).toEqual({ c: 20, d: 20 });
  });

  it('by living ones while the old connection fails: the new ones are called', async () => {
    const [a, b] = await trial.servers('a', 'b');
    trial.tell(a.instance);
    const channel = trial.channel({ keepReplacedMs: 600_000 });
    await channel.untilAnsweredBy('a');
    trial.tell(await deadInstance('x'));
    await channel.untilAnsweredBy('a');
    a.kill();
    trial.tell(b.instance);
    await channel.untilAnsweredBy('b');
  });

  it('by dead ones again and again: the time of the old ones is not prolonged', async () => {
    const [a] = await trial.servers('a');
    trial.tell(a.instance);
    const channel = trial.channel({ keepReplacedMs: 300 });
    await channel.untilAnsweredBy('a');
    let dead = 0;
    await vi.waitFor(
      async () => {
        trial.tell(await deadInstance(`dead-${dead++}`));
        await expect(channel.call()).rejects.toThrow('No connection established');
      },
      { timeout: 20_000, interval: 30 },
    );
    expect(dead).toBeGreaterThan(2);
  });

  it('by dead ones, and taken back: the old ones stay', async () => {
    const [a] = await trial.servers('a');
    trial.tell(a.instance);
    const channel = trial.channel({ keepReplacedMs: 300 });
    await channel.untilAnsweredBy('a');
    trial.tell(await deadInstance('x'));
    await channel.untilAnsweredBy('a');
    trial.tell(a.instance);
    for (const start = performance.now(); performance.now() - start < 900;)
      expect(await channel.call()).toBe('a');
    expect(a.connections.size).toBe(1);
  });

  it('by nothing: calls fail, and say why', async () => {
    const [a] = await trial.servers('a');
    trial.tell(a.instance);
    const channel = trial.channel({ keepReplacedMs: 600_000 });
    await channel.untilAnsweredBy('a');
    trial.tell();
    await vi.waitFor(() => expect(channel.call()).rejects.toThrow('has no instance of echo'), soon);
  });

  it('by dead ones with keepReplacedMs 0: calls fail', async () => {
    const [a] = await trial.servers('a');
    trial.tell(a.instance);
    const channel = trial.channel({ keepReplacedMs: 0 });
    await channel.untilAnsweredBy('a');
    trial.tell(await deadInstance('x'));
    await vi.waitFor(() => expect(channel.call()).rejects.toThrow('No connection established'), soon);
  });

  it('by dead ones, but for one that is dead, too: the old ones are called on', async () => {
    const [a, b] = await trial.servers('a', 'b');
    trial.tell(a.instance, b.instance);
    const channel = trial.channel({ keepReplacedMs: 600_000 });
    await channel.untilAnsweredBy('a', 'b');
    b.kill();
    await channel.untilAnsweredBy('a');
    trial.tell(b.instance, await deadInstance('x'));
    const x = await trial.server('x');
    await channel.untilAnsweredBy('a');
    trial.tell(b.instance, x.instance);
    await channel.untilAnsweredBy('x');
  });
});

it('a channel that is closed while old ones are kept connects to nobody any more', async () => {
  const [a] = await trial.servers('a');
  trial.tell(a.instance);
  const channel = trial.channel({ keepReplacedMs: 50, ...endlessBackoff });
  await channel.untilAnsweredBy('a');
  const mute = await muteListener();
  trial.tell({ ...a.instance, id: 'mute', port: mute.port });
  await vi.waitFor(() => expect(mute.held.length).toBe(1), soon);
  channel.client.close();
  const ended = once(mute.held[0]!, 'close');
  mute.held[0]!.destroy();
  await ended;
  await sleep(200);
  expect(mute.held.length).toBe(1);
  mute.listener.close();
});

/** Takes connections, and says nothing. */
async function muteListener(port = 0): Promise<{ held: Socket[]; listener: Server; port: number }> {
  const held: Socket[] = [];
  const listener = createServer((socket) => held.push(socket.on('error', () => {}))).listen(
    port,
    '127.0.0.1',
  );
  await once(listener, 'listening');
  return { held, listener, port: (listener.address() as AddressInfo).port };
}
