import { expect, it } from 'vitest';
import { defineInstance, type Instance } from '../../model/instance.js';
import { endpointAddress, endpointAttributes } from '../balancing/endpoint-attributes.js';
import { EndpointList } from './endpoint-list.js';

function instance(id: string, change: Partial<Instance> = {}): Instance {
  return defineInstance({ id, service: 'echo', host: `${id}.local`, port: 80, ...change });
}

const [a, b, c] = ['a', 'b', 'c'].map((id) => instance(id)) as [Instance, Instance, Instance];

it('an endpoint has the address, the id, the service, the weight, the zone and the time of registration of its instance', () => {
  const [endpoint] = new EndpointList().update([instance('a', { weight: 3, zone: 'eu', registeredAt: 7 })]);
  expect(endpointAddress(endpoint!)).toBe('a.local:80');
  expect(endpointAttributes(endpoint!)).toEqual({
    id: 'a',
    service: 'echo',
    weight: 3,
    zone: 'eu',
    registeredAt: 7,
  });
});

it('instances that stay keep their endpoint objects', () => {
  const list = new EndpointList();
  const [endpointA, , endpointC] = list.update([a, b, c]);
  expect(list.update([a, c])).toEqual([endpointA, endpointC]);
  const [first, second, third] = list.update([a, b, c]);
  expect(first).toBe(endpointA);
  expect(second).not.toBe(endpointA);
  expect(third).toBe(endpointC);
});

it('equal instances have the same list, whatever their tags and metadata', () => {
  const list = new EndpointList();
  const before = list.update([a, b]);
  expect(list.update([instance('a', { tags: ['x'] }), instance('b', { metadata: { owner: 'team' } })])).toBe(
    before,
  );
});

it.each<[string, Partial<Instance>]>([
  ['host', { host: 'other' }],
  ['port', { port: 81 }],
  ['weight', { weight: 2 }],
  ['zone', { zone: 'eu' }],
  ['time of registration', { registeredAt: 5 }],
])('an instance whose %s has changed has a new endpoint, the others keep theirs', (_, change) => {
  const list = new EndpointList();
  const before = list.update([a, b, c]);
  const now = list.update([a, instance('b', change), c]);
  expect(now.map((endpoint, i) => endpoint === before[i])).toEqual([true, false, true]);
});
