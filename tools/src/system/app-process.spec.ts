import { expect, it } from 'vitest';
import { lifecycleOf } from './app-process.js';
import { bindHost } from './system.js';

it('a log line whose message is an event is one; any other line is not', () => {
  const message = { event: 'listening', service: 'inventory', address: '127.0.0.1:4' };
  expect(lifecycleOf(JSON.stringify({ level: 'log', message }))).toEqual(message);
  expect(lifecycleOf('{"level":"log","message":"the \\"event\\" came"}')).toBeUndefined();
  expect(lifecycleOf('{"event" broken')).toBeUndefined();
  expect(lifecycleOf('(node:1) Warning')).toBeUndefined();
});

it.each([
  ['file:///tmp/x', '127.0.0.1'],
  ['consul://127.0.0.1:8500', '127.0.0.1'],
  ['etcd://[::1]:2379,localhost:2379', '127.0.0.1'],
  ['consul://10.0.0.7:8500', '0.0.0.0'],
  ['etcd://127.0.0.1:2379,10.0.0.7:2379', '0.0.0.0'],
])('with %s the services listen on %s', (url, host) => {
  expect(bindHost(url)).toBe(host);
});
