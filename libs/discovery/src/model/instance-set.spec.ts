import { describe, expect, it } from 'vitest';
import { defineInstance, type InstanceInit } from './instance.js';
import { diffInstances, normalizeInstances, sameInstances } from './instance-set.js';

const instance = (change: Partial<InstanceInit>) =>
  defineInstance({ id: 'a', service: 'goods', host: '10.0.0.1', port: 1, ...change });

describe('a set of instances', () => {
  it('is sorted by id', () => {
    const set = normalizeInstances([instance({ id: 'b', port: 2 }), instance({ id: 'a' })]);
    expect(set.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('keeps the newest of two instances with the same id, in any order', () => {
    const older = instance({ port: 1, registeredAt: 1 });
    const newer = instance({ port: 2, registeredAt: 2 });
    expect(normalizeInstances([older, newer])).toEqual([newer]);
    expect(normalizeInstances([newer, older])).toEqual([newer]);
  });

  it('keeps the newest of two instances with the same address: a process that took over the port of a dead one', () => {
    const dead = instance({ id: 'dead', registeredAt: 1 });
    const alive = instance({ id: 'alive', registeredAt: 2 });
    expect(normalizeInstances([alive, dead])).toEqual([alive]);
  });

  it('keeps instances of two services with the same id and address, sorted by service first', () => {
    const [goods, basket] = [instance({ service: 'goods' }), instance({ service: 'basket' })];
    expect(normalizeInstances([goods, basket])).toEqual([basket, goods]);
  });

  it('has a diff to another set: joined, left, changed', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id, index) => instance({ id, port: index + 1 }));
    const other = instance({ id: 'c', port: 9 });
    expect(diffInstances([a!, b!, c!], [b!, other, d!])).toEqual({
      joined: [d],
      left: [a],
      changed: [other],
    });
    expect(diffInstances([], [a!])).toEqual({ joined: [a], left: [], changed: [] });
    expect(diffInstances([a!, b!], [])).toEqual({ joined: [], left: [a, b], changed: [] });
    expect(diffInstances([a!], [instance({})])).toEqual({ joined: [], left: [], changed: [] });
  });

  it.each<[string, Partial<InstanceInit>]>([
    ['weight', { weight: 2 }],
    ['a tag', { tags: ['v2'] }],
    ['an entry of the metadata', { metadata: { a: '1' } }],
    ['zone', { zone: 'b' }],
    ['draining', { draining: true }],
  ])('is not equal to a set that differs in %s', (_, change) => {
    expect(sameInstances([instance({})], [instance({})])).toBe(true);
    expect(sameInstances([instance({})], [instance(change)])).toBe(false);
  });
});
