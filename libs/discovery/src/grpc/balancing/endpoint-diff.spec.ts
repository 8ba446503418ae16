import { expect, it } from 'vitest';
import { defineInstance } from '../../model/instance.js';
import type { Endpoint } from '../experimental.js';
import { toEndpoint } from './endpoint-attributes.js';
import { diffEndpoints } from './endpoint-diff.js';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id, i) =>
  toEndpoint(defineInstance({ id, service: 'echo', host: `10.0.0.${i + 1}`, port: 80 })),
) as [Endpoint, Endpoint, Endpoint, Endpoint];
const otherB = toEndpoint(defineInstance({ id: 'other', service: 'echo', host: '10.0.0.2', port: 80 }));

it.each<[string, Endpoint[], Endpoint[], Endpoint[], Endpoint[]]>([
  ['equal lists', [a, b], [a, b], [], []],
  ['the first list', [], [a, b], [], [a, b]],
  ['an empty list', [a, b], [], [a, b], []],
  ['one joins at the start', [b, c], [a, b, c], [], [a]],
  ['one joins in the middle', [a, c], [a, b, c], [], [b]],
  ['one joins at the end', [a, b], [a, b, c], [], [c]],
  ['one leaves', [a, b, c], [a, c], [b], []],
  ['two leave', [a, b, c, d], [b, d], [a, c], []],
  ['one leaves and another joins', [a, b, c], [b, c, d], [a], [d]],
  ['one is replaced', [a, b, c], [a, otherB, c], [b], [otherB]],
  ['another order', [a, b, c], [c, b, a], [], []],
])('%s', (_, before, now, removed, added) => {
  const diff = diffEndpoints(before, now);
  expect([...diff.removed.values()]).toEqual(removed);
  expect([...diff.added.values()]).toEqual(added);
});

it('an endpoint is removed and added under one address when its instance is replaced', () => {
  const { removed, added } = diffEndpoints([a, b], [a, otherB]);
  expect([...removed.keys()]).toEqual(['10.0.0.2:80']);
  expect([...added.keys()]).toEqual(['10.0.0.2:80']);
});
