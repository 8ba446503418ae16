import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LostCallQueue } from './lost-call-queue.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Adds `count` lost calls. Records who is retried where, and ends a retry by its name. */
function lose(queue: LostCallQueue, ...names: readonly string[]) {
  const retried: string[] = [];
  const ends = new Map<string, () => void>();
  for (const name of names) {
    const end = queue.add((address) => retried.push(`${name} at ${address ?? 'any'}`));
    ends.set(name, end);
  }
  return { retried, end: (name: string) => ends.get(name)!() };
}

it('gives an instance one call at a time, once it has answered a call that was sent a while after the loss', () => {
  const queue = new LostCallQueue();
  const sentBefore = performance.now();
  vi.advanceTimersByTime(1);
  const { retried, end } = lose(queue, 'one', 'two', 'three');
  queue.onResponse('a', sentBefore);
  vi.advanceTimersByTime(25);
  queue.onResponse('a', performance.now() - 15);
  expect(retried).toEqual([]);
  queue.onResponse('b', performance.now());
  queue.onResponse('c', performance.now());
  expect(retried.toSorted()).toEqual(['one at b', 'two at c']);
  end('two');
  expect(retried.at(-1)).toBe('three at c');
  expect(queue.waiting).toBe(false);
});

it('retries a call anywhere if no instance answers, and the next one after it', () => {
  const queue = new LostCallQueue();
  const { retried } = lose(queue, 'one', 'two');
  vi.advanceTimersByTime(99);
  expect(retried).toEqual([]);
  vi.advanceTimersByTime(30);
  expect(retried).toEqual(['one at any']);
  vi.advanceTimersByTime(101);
  expect(retried).toEqual(['one at any', 'two at any']);
});

it('does not wait longer than a few seconds for instances to be free, however many calls there are', () => {
  const queue = new LostCallQueue();
  const names = Array.from({ length: 1_000 }, (_, index) => String(index));
  const { retried } = lose(queue, ...names);
  vi.advanceTimersByTime(25);
  queue.onResponse('a', performance.now());
  vi.advanceTimersByTime(5_000);
  expect(retried.length).toBe(1_000);
});

it('forgets a call that is given up', () => {
  const queue = new LostCallQueue();
  const { retried, end } = lose(queue, 'one', 'two');
  end('one');
  vi.advanceTimersByTime(1_000);
  expect(retried).toEqual(['two at any']);
});

it('does not use an instance again whose connection was lost, before it has answered once more', () => {
  const queue = new LostCallQueue();
  const { retried, end } = lose(queue, 'one', 'two');
  vi.advanceTimersByTime(25);
  queue.onResponse('a', performance.now());
  expect(retried).toEqual(['one at a']);
  queue.onLost('a');
  end('one');
  expect(retried).toEqual(['one at a']);
  vi.advanceTimersByTime(1);
  queue.onResponse('a', performance.now());
  expect(retried).toEqual(['one at a', 'two at a']);
});
