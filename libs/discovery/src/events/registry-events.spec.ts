import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { openRegistry } from '../open-registry.js';
import { Registry } from '../registry.js';
import { MemoryRegistry } from '../testing/memory-registry.js';
import { type DiscoveryEvent, eventTypes } from './discovery-events.js';
import { onEvent } from './on-event.js';

const waitOptions = { timeout: 10_000, interval: 5 };

let received: DiscoveryEvent[];
let unsubscribe: () => void;
beforeEach(() => {
  received = [];
  unsubscribe = onEvent(eventTypes, (event) => received.push(event));
});
afterEach(() => unsubscribe());

const init = (id: string, port: number) => ({ id, service: 'goods', host: '127.0.0.1', port });

function ofType<Type extends DiscoveryEvent['type']>(type: Type): Extract<DiscoveryEvent, { type: Type }>[] {
  return received.filter((event): event is Extract<DiscoveryEvent, { type: Type }> => event.type === type);
}

it('a directory: a registration, the list and the sessions of both from start to end', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-events-'));
  const registry = await openRegistry(pathToFileURL(directory).href);
  const { location } = registry;
  const watch = registry.watch('goods');
  await watch.ready();
  const registration = registry.register(init('a', 8_080));
  await registration.registered();
  await vi.waitFor(() => expect(watch.current.instances.length).toBe(1), waitOptions);
  await registration.update({ weight: 7 });
  await vi.waitFor(() => expect(watch.current.instances[0]?.weight).toBe(7), waitOptions);
  await registration.close();
  await vi.waitFor(() => expect(watch.current.instances.length).toBe(0), waitOptions);
  await registry.close();
  await rm(directory, { recursive: true });

  expect(ofType('registration').map(({ status, previousStatus }) => [previousStatus, status])).toEqual([
    ['registering', 'registered'],
    ['registered', 'draining'],
    ['draining', 'closed'],
  ]);
  expect(ofType('registration')[0]).toMatchObject({ registry: location, service: 'goods', instance: 'a' });
  const counts = ofType('list').map(({ instances, added, updated, removed }) => [
    instances,
    added,
    updated,
    removed,
  ]);
  expect(counts).toEqual([
    [0, 0, 0, 0],
    [1, 1, 0, 0],
    [1, 0, 1, 0],
    [0, 0, 0, 1],
  ]);
  expect(ofType('list')[0]).toMatchObject({ registry: location, previousSource: 'none', source: 'live' });
  expect(ofType('session').map((event) => [event.of, event.state])).toEqual([
    ['watch', 'opened'],
    ['registration', 'opened'],
    ['registration', 'closed'],
    ['watch', 'closed'],
  ]);
});

it('a registry that fails: sessions are lost and opened again, with the error', async () => {
  const memory = new MemoryRegistry();
  const registry = new Registry(memory.open(), { backoff: { initialMs: 5, maxMs: 10 } });
  const registration = registry.register(init('a', 8_080));
  const watch = registry.watch('goods');
  await Promise.all([registration.registered(), watch.ready()]);
  await vi.waitFor(() => expect(watch.current.instances.length).toBe(1), waitOptions);
  received.length = 0;
  memory.outage(true);
  await vi.waitFor(() => {
    for (const of of ['watch', 'registration'])
      expect(ofType('session').filter((event) => event.of === of).length).toBeGreaterThan(2);
  }, waitOptions);
  memory.outage(false);
  await registration.registered();
  await vi.waitFor(() => expect(watch.current.source).toBe('live'), waitOptions);
  for (const of of ['watch', 'registration']) {
    const states = ofType('session').filter((event) => event.of === of);
    expect(states[0]).toMatchObject({ state: 'lost', service: 'goods', registry: 'memory://' });
    expect(states[0]!.error).toBeInstanceOf(DiscoveryError);
    expect(new Set(states.slice(1, -1).map(({ state }) => state))).toEqual(new Set(['failed']));
    expect(states.at(-1)).toMatchObject({ state: 'opened' });
    expect(states.at(-1)!.error).toBeUndefined();
  }
  expect(ofType('list').map(({ source }) => source)).toEqual(['last-known-good', 'live']);
  expect(ofType('registration')[0]).toMatchObject({ status: 'lost', previousStatus: 'registered' });
  await registry.close();
});

it('a mass removal: instances are held back and released', async () => {
  const memory = new MemoryRegistry();
  const registry = new Registry(memory.open(), { shrinkGuard: { holdMs: 100 } });
  memory.put(init('a', 1));
  memory.put(init('b', 2));
  const watch = registry.watch('goods');
  await watch.ready();
  memory.wipe();
  await vi.waitFor(() => expect(watch.current.instances.length).toBe(0), waitOptions);
  expect(ofType('held')).toEqual([
    { type: 'held', state: 'held', registry: 'memory://', service: 'goods', ids: ['a', 'b'] },
    { type: 'held', state: 'released', registry: 'memory://', service: 'goods', ids: ['a', 'b'] },
  ]);
  await registry.close();
});
