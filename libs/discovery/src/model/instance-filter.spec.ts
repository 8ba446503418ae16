import { describe, expect, it } from 'vitest';
import { parseInstanceFilter, filterInstances } from './instance-filter.js';
import { defineInstance, type InstanceInit } from './instance.js';

const instance = (id: string, change: Partial<InstanceInit>) =>
  defineInstance({ id, service: 'goods', host: '10.0.0.1', port: 1, ...change });
const all = [
  instance('a', { tags: ['v2', 'canary'], zone: 'eu-1', metadata: { owner: 'shop' } }),
  instance('b', { tags: ['v2'], zone: 'eu-2', version: '1.4' }),
  instance('c', { zone: 'eu-2' }),
];
const matchingIds = (query: string) => filterInstances(all, parseInstanceFilter(query)).map(({ id }) => id);

describe('an instance filter', () => {
  it.each([
    ['', ['a', 'b', 'c']],
    ['tag=v2', ['a', 'b']],
    ['tag=v2&tag=canary', ['a']],
    ['version=1.4', ['b']],
    ['meta.owner=shop', ['a']],
    ['meta.toString=x', []],
    ['zone=eu-2', ['b', 'c']],
    ['tag=canary&zone=eu-2', ['a']],
    ['zone=us-1', ['a', 'b', 'c']],
  ])('"%s" matches %j', (query, ids) => {
    expect(matchingIds(query)).toEqual(ids);
  });

  it.each(['tags=v2', 'tag=', 'meta.=1', 'version=1&version=2'])('"%s" is rejected', (query) => {
    expect(() => parseInstanceFilter(query)).toThrow(/^INVALID_TARGET: invalid query parameter /);
  });
});
