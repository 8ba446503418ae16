import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ConnectionEvent } from '../../events/discovery-events.js';
import { onEvent } from '../../events/on-event.js';
import { EchoEnvironment } from '../fixtures/echo-environment.js';

vi.setConfig({ testTimeout: 30_000 });

const waitOptions = { timeout: 20_000, interval: 5 };

let environment: EchoEnvironment;
let received: ConnectionEvent[];
let unsubscribe: () => void;
beforeEach(() => {
  environment = new EchoEnvironment();
  received = [];
  unsubscribe = onEvent('connection', (event) => received.push(event));
});
afterEach(async () => {
  unsubscribe();
  await environment.close();
});

it('the connection of an endpoint: connected, lost, failing, connected again, removed', async () => {
  const [a, b] = await environment.servers('a', 'b');
  environment.publish(a.instance, b.instance);
  const channel = environment.channel();
  await channel.untilCallsReach('a', 'b');
  const statesOfA = () => received.filter(({ instance }) => instance.id === 'a').map(({ state }) => state);
  expect(statesOfA()).toEqual(['connecting', 'ready']);
  expect(received.find(({ state }) => state === 'ready')).toMatchObject({
    type: 'connection',
    service: 'echo',
    instance: { address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string },
    previousState: 'connecting',
  });

  received.length = 0;
  a.kill();
  await vi.waitFor(() => expect(statesOfA()).toContain('transient-failure'), waitOptions);
  expect(statesOfA().slice(0, 3)).toEqual(['idle', 'connecting', 'transient-failure']);
  expect(received.find(({ state }) => state === 'transient-failure')?.error).toContain('ECONNREFUSED');
  await environment.server('a', a.instance.port);
  await vi.waitFor(() => expect(statesOfA().at(-1)).toBe('ready'), waitOptions);

  environment.publish(b.instance);
  await vi.waitFor(() => expect(statesOfA().at(-1)).toBe('removed'), waitOptions);
});
