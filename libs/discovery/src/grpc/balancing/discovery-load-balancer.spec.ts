import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectivityState } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LoadBalancing } from './load-balancing.js';
import { deadInstance, type EchoChannel, EchoEnvironment } from '../fixtures/echo-environment.js';

vi.setConfig({ testTimeout: 30_000 });

let environment: EchoEnvironment;
beforeEach(() => {
  environment = new EchoEnvironment();
});
afterEach(() => environment.close());

/** Longer than any test. */
const endlessBackoff = { initialReconnectBackoffMs: 600_000, maxReconnectBackoffMs: 600_000 };

const waitOptions = { timeout: 20_000, interval: 5 };

function untilStateIs(state: connectivityState, channel: EchoChannel): Promise<void> {
  return vi.waitFor(
    () => expect(channel.client.getChannel().getConnectivityState(true)).toBe(state),
    waitOptions,
  );
}

describe.each<LoadBalancing>(['round_robin', 'grpc_js_round_robin', 'weighted'])(
  'reconnect under %s',
  (loadBalancing) => {
    async function deadInstanceAndChannel() {
      const [a] = await environment.servers('a');
      environment.publish(a.instance);
      const channel = environment.channel({ loadBalancing, ...endlessBackoff });
      await channel.untilCallsReach('a');
      a.kill();
      await untilStateIs(connectivityState.TRANSIENT_FAILURE, channel);
      return { a, channel };
    }

    it('an instance restarts on its port under a new id: it is called, whatever its backoff', async () => {
      const { a, channel } = await deadInstanceAndChannel();
      const restarted = await environment.server('a2', a.instance.port);
      environment.publish(restarted.instance);
      await channel.untilCallsReach('a2');
    });

    it('an instance restarts under its id with a later registration time: it is called', async () => {
      const { a, channel } = await deadInstanceAndChannel();
      await environment.server('restarted', a.instance.port);
      environment.publish({ ...a.instance, registeredAt: a.instance.registeredAt! + 1 });
      await channel.untilCallsReach('restarted');
    });

    it('an instance is removed and registered again unchanged: it is called', async () => {
      const { a, channel } = await deadInstanceAndChannel();
      await environment.server('restarted', a.instance.port);
      environment.publish();
      await vi.waitFor(() => expect(channel.call()).rejects.toThrow('has no instance of echo'), waitOptions);
      environment.publish(a.instance);
      await channel.untilCallsReach('restarted');
    });

    it('an instance is replaced during a connection attempt that fails: it is retried at once', async () => {
      const { a, channel } = await deadInstanceAndChannel();
      const silent = await silentListener(a.instance.port);
      environment.publish({ ...a.instance, id: 'silent' });
      await vi.waitFor(() => expect(silent.sockets.length).toBe(1), waitOptions);
      const [b] = await environment.servers('b');
      environment.publish({ ...a.instance, id: 'a2' }, b.instance);
      await channel.untilCallsReach('b');
      silent.listener.close();
      await environment.server('a2', a.instance.port);
      for (const socket of silent.sockets) socket.destroy();
      await channel.untilCallsReach('a2', 'b');
    });
  },
);

it('an instance is replaced while calls wait for its connection: they do not fail', async () => {
  const silent = await silentListener();
  const [b] = await environment.servers('b');
  const instance = { ...b.instance, id: 'silent', port: silent.port };
  environment.publish(instance);
  const channel = environment.channel(endlessBackoff);
  const waiting = channel.call();
  await vi.waitFor(() => expect(silent.sockets.length).toBe(1), waitOptions);
  environment.publish({ ...instance, registeredAt: instance.registeredAt! + 1 }, b.instance);
  expect(await waiting).toBe('b');
  silent.listener.close();
});

describe.each<LoadBalancing>(['round_robin', 'grpc_js_round_robin'])(
  'make before break under %s',
  (loadBalancing) => {
    it('all instances are replaced by dead ones: the old ones are called without a failure for keepReplacedMs', async () => {
      const [a, b] = await environment.servers('a', 'b');
      environment.publish(a.instance, b.instance);
      const channel = environment.channel({ loadBalancing, keepReplacedMs: 500 });
      await channel.untilCallsReach('a', 'b');
      const start = performance.now();
      environment.publish(await deadInstance('x'), await deadInstance('y'));
      const responses: string[] = [];
      const failure = await (async () => {
        for (;;) responses.push(await channel.call());
      })().catch((error: Error) => error);
      expect(failure).toMatchObject({ message: expect.stringContaining('No connection established') });
      expect(performance.now() - start).toBeGreaterThan(490);
      expect(new Set(responses)).toEqual(new Set(['a', 'b']));
    });

    it('all instances are replaced by live ones: no call fails, and calls move to the new ones', async () => {
      const [a, b, c, d] = await environment.servers('a', 'b', 'c', 'd');
      environment.publish(a.instance, b.instance);
      const channel = environment.channel({ loadBalancing, keepReplacedMs: 600_000 });
      await channel.untilCallsReach('a', 'b');
      environment.publish(c.instance, d.instance);
      const responses: string[] = [];
      while (!responses.slice(-20).every((name) => name === 'c' || name === 'd') || responses.length < 20)
        responses.push(await channel.call());
      expect(await channel.countResponses(40)).toEqual({ c: 20, d: 20 });
    });

    it('the kept instance dies and a live one is listed: that one is called', async () => {
      const [a, b] = await environment.servers('a', 'b');
      environment.publish(a.instance);
      const channel = environment.channel({ loadBalancing, keepReplacedMs: 600_000 });
      await channel.untilCallsReach('a');
      environment.publish(await deadInstance('x'));
      await channel.untilCallsReach('a');
      a.kill();
      environment.publish(b.instance);
      await channel.untilCallsReach('b');
    });

    it('further lists of dead instances do not prolong keepReplacedMs', async () => {
      const [a] = await environment.servers('a');
      environment.publish(a.instance);
      const channel = environment.channel({ loadBalancing, keepReplacedMs: 300 });
      await channel.untilCallsReach('a');
      let dead = 0;
      await vi.waitFor(
        async () => {
          environment.publish(await deadInstance(`dead-${dead++}`));
          await expect(channel.call()).rejects.toThrow('No connection established');
        },
        { timeout: 20_000, interval: 30 },
      );
      expect(dead).toBeGreaterThan(2);
    });

    it('a kept instance is listed again: it keeps its connection', async () => {
      const [a] = await environment.servers('a');
      environment.publish(a.instance);
      const channel = environment.channel({ loadBalancing, keepReplacedMs: 300 });
      await channel.untilCallsReach('a');
      environment.publish(await deadInstance('x'));
      await channel.untilCallsReach('a');
      environment.publish(a.instance);
      for (const start = performance.now(); performance.now() - start < 900;)
        expect(await channel.call()).toBe('a');
      expect(a.connections.size).toBe(1);
    });

    it('an empty list: calls fail with the reason', async () => {
      const [a] = await environment.servers('a');
      environment.publish(a.instance);
      const channel = environment.channel({ loadBalancing, keepReplacedMs: 600_000 });
      await channel.untilCallsReach('a');
      environment.publish();
      await vi.waitFor(() => expect(channel.call()).rejects.toThrow('has no instance of echo'), waitOptions);
    });

    it('all instances are replaced by dead ones with keepReplacedMs 0: calls fail', async () => {
      const [a] = await environment.servers('a');
      environment.publish(a.instance);
      const channel = environment.channel({ loadBalancing, keepReplacedMs: 0 });
      await channel.untilCallsReach('a');
      environment.publish(await deadInstance('x'));
      await vi.waitFor(
        () => expect(channel.call()).rejects.toThrow('No connection established'),
        waitOptions,
      );
    });

    it('the connected instance is removed and only dead ones are listed: it is called until a listed one connects', async () => {
      const [a, b] = await environment.servers('a', 'b');
      environment.publish(a.instance, b.instance);
      const channel = environment.channel({ loadBalancing, keepReplacedMs: 600_000 });
      await channel.untilCallsReach('a', 'b');
      b.kill();
      await channel.untilCallsReach('a');
      environment.publish(b.instance, await deadInstance('x'));
      const x = await environment.server('x');
      await channel.untilCallsReach('a');
      environment.publish(b.instance, x.instance);
      await channel.untilCallsReach('x');
    });
  },
);

it('a channel that is closed while endpoints are kept opens no more connections', async () => {
  const [a] = await environment.servers('a');
  environment.publish(a.instance);
  const channel = environment.channel({ keepReplacedMs: 50, ...endlessBackoff });
  await channel.untilCallsReach('a');
  const silent = await silentListener();
  environment.publish({ ...a.instance, id: 'silent', port: silent.port });
  await vi.waitFor(() => expect(silent.sockets.length).toBe(1), waitOptions);
  channel.client.close();
  const closed = once(silent.sockets[0]!, 'close');
  silent.sockets[0]!.destroy();
  await closed;
  await sleep(200);
  expect(silent.sockets.length).toBe(1);
  silent.listener.close();
});

/** Accepts connections and sends nothing. */
async function silentListener(port = 0): Promise<{ sockets: Socket[]; listener: Server; port: number }> {
  const sockets: Socket[] = [];
  const listener = createServer((socket) => sockets.push(socket.on('error', () => {}))).listen(
    port,
    '127.0.0.1',
  );
  await once(listener, 'listening');
  return { sockets, listener, port: (listener.address() as AddressInfo).port };
}
