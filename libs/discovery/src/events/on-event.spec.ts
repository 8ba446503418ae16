import { channel } from 'node:diagnostics_channel';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DiscoveryEvent, DiscoveryEventType, RetryEvent } from './discovery-events.js';
import { events } from './event-source.js';
import { onEvent } from './on-event.js';

const retry: RetryEvent = {
  type: 'retry',
  protocol: 'grpc',
  service: 'goods',
  method: '/goods.v1.GoodsService/Get',
  attempt: 2,
  reason: 'failed',
};

let warnings: string[];
const onWarning = (warning: Error) => warnings.push(warning.message);
beforeEach(() => {
  warnings = [];
  process.on('warning', onWarning);
});
afterEach(() => {
  process.off('warning', onWarning);
});

it('a listener receives the events of its types until it unsubscribes', () => {
  const received: DiscoveryEvent[] = [];
  const unsubscribe = onEvent(['retry', 'list'], (event) => received.push(event));
  events.retry.emit(retry);
  events.held.emit({ type: 'held', state: 'held', registry: 'r', service: 'goods', ids: [] });
  unsubscribe();
  unsubscribe();
  events.retry.emit(retry);
  expect(received).toEqual([retry]);
});

it('a source has listeners while one is subscribed', () => {
  expect(events.retry.hasListeners).toBe(false);
  const unsubscribe = onEvent('retry', () => {});
  expect([events.retry.hasListeners, events.list.hasListeners]).toEqual([true, false]);
  unsubscribe();
  expect(events.retry.hasListeners).toBe(false);
});

it('a listener that is given twice counts as two', () => {
  const listener = vi.fn<() => void>();
  const unsubscribes = [onEvent('retry', listener), onEvent('retry', listener)];
  events.retry.emit(retry);
  expect(listener).toHaveBeenCalledTimes(2);
  unsubscribes[0]!();
  events.retry.emit(retry);
  expect(listener).toHaveBeenCalledTimes(3);
  unsubscribes[1]!();
});

it('a listener that throws or rejects affects nothing else, and is reported once', async () => {
  const received: DiscoveryEvent[] = [];
  const unsubscribes = [
    onEvent('retry', () => {
      throw new Error('broken');
    }),
    onEvent('retry', async () => Promise.reject(new Error('broken'))),
    onEvent('retry', (event) => received.push(event)),
  ];
  for (let i = 0; i < 3; i++) events.retry.emit(retry);
  await vi.waitFor(() => expect(warnings.length).toBe(2));
  await turn();
  for (const unsubscribe of unsubscribes) unsubscribe();
  expect(received.length).toBe(3);
  expect(warnings).toEqual(Array(2).fill('a listener of discovery events has failed'));
});

it('a listener that unsubscribes itself, or subscribes another one, does not affect others', () => {
  const received: string[] = [];
  const unsubscribes: (() => void)[] = [];
  const first = onEvent('retry', () => {
    received.push('first');
    first();
    unsubscribes.push(onEvent('retry', () => received.push('later')));
  });
  unsubscribes.push(onEvent('retry', () => received.push('second')));
  events.retry.emit(retry);
  expect(received.filter((name) => name !== 'later')).toEqual(['first', 'second']);
  received.length = 0;
  events.retry.emit(retry);
  expect(received).toEqual(['second', 'later']);
  for (const unsubscribe of unsubscribes) unsubscribe();
});

it('another copy of the library, or a tracer that imports none, is reached through the diagnostics channel', () => {
  const received: unknown[] = [];
  const listener = (event: unknown) => received.push(event);
  const shared = channel('rollcall:retry');
  shared.subscribe(listener);
  expect(events.retry.hasListeners).toBe(true);
  events.retry.emit(retry);
  shared.unsubscribe(listener);
  const unsubscribe = onEvent('retry', listener);
  shared.publish(retry);
  unsubscribe();
  expect(received).toEqual([retry, retry]);
});

it('an unknown type is rejected', () => {
  expect(() => onEvent('lists' as DiscoveryEventType, () => {})).toThrow(
    'INVALID_OPTION: invalid type "lists": use session, list',
  );
});
