import { expect, it } from 'vitest';
import { systemServers } from './system-servers.js';

it.each([
  ['10.0.0.1', '10.0.0.1', 53],
  ['10.0.0.1:5353', '10.0.0.1', 5353],
  ['fd00::1', 'fd00::1', 53],
  ['[fd00::1]:5353', 'fd00::1', 5353],
  ['fe80::1%eth0', 'fe80::1%eth0', 53],
])('%s', (server, host, port) => {
  expect(systemServers([server])).toEqual([{ host, port }]);
});

it('none: an error that names the way out', () => {
  expect(() => systemServers([])).toThrow(/^REGISTRY_UNAVAILABLE: .*srv:\/\/host:53/);
});
