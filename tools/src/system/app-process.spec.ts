import { expect, it } from 'vitest';
import { parseLifecycleEvent } from './app-process.js';
import { listenHost } from './system.js';

it('finds the lifecycle event in a log line whose message is one', () => {
  const message = { event: 'listening', service: 'inventory', address: '127.0.0.1:4' };
  expect(parseLifecycleEvent(JSON.stringify({ level: 'log', message }))).toEqual(message);
  expect(parseLifecycleEvent('{"level":"log","message":"the \\"event\\" came"}')).toBeUndefined();
  expect(parseLifecycleEvent('{"event" broken')).toBeUndefined();
  expect(parseLifecycleEvent('(node:1) Warning')).toBeUndefined();
});

it.each([
  ['file:///tmp/x', '127.0.0.1'],
  ['consul://127.0.0.1:8500', '127.0.0.1'],
  ['etcd://[::1]:2379,localhost:2379', '127.0.0.1'],
  ['consul://10.0.0.7:8500', '0.0.0.0'],
  ['etcd://127.0.0.1:2379,10.0.0.7:2379', '0.0.0.0'],
])('with the registry %s, services listen on %s', (url, host) => {
  expect(listenHost(url)).toBe(host);
});
