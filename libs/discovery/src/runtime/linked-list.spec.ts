import { expect, it } from 'vitest';
import { LinkedList } from './linked-list.js';

it('contains what was added and not removed, in the order of adding', () => {
  const list = new LinkedList<string>();
  expect(list.isEmpty).toBe(true);
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((value) => list.add(value));
  expect(list.toArray()).toEqual(['a', 'b', 'c', 'd']);
  list.remove(b!);
  list.remove(a!);
  list.remove(d!);
  expect(list.toArray()).toEqual(['c']);
  list.add('e');
  expect(list.toArray()).toEqual(['c', 'e']);
  expect(list.isEmpty).toBe(false);
  list.remove(c!);
  expect(list.toArray()).toEqual(['e']);
});

it('a removed entry refers to no other', () => {
  const list = new LinkedList<string>();
  const [, b] = ['a', 'b', 'c'].map((value) => list.add(value));
  list.remove(b!);
  expect(b).toEqual({ value: 'b', previous: undefined, next: undefined });
});
