import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Registry } from '../registry.js';
import { MemoryRegistry } from '../testing/memory-registry.js';
import { TelemetryRecorder } from './fixtures/telemetry-recorder.js';

const waiting = { timeout: 10_000, interval: 5 };
const instance = (id: string, port: number) => ({ id, service: 'goods', host: '127.0.0.1', port });
const goods = { 'discovery.registry': 'memory://', 'discovery.service': 'goods' };

let recorder: TelemetryRecorder;
let memory: MemoryRegistry;
let registry: Registry;
const cleanups: (() => unknown)[] = [];
beforeEach(() => {
  recorder = new TelemetryRecorder();
  memory = new MemoryRegistry();
  registry = new Registry(memory.open(), {
    backoff: { initialMs: 5, maxMs: 10 },
    shrinkGuard: { holdMs: 60_000 },
  });
  cleanups.push(
    () => recorder.close(),
    () => registry.close(),
  );
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** The time series of a metric; those of 0 are left out, unless `zeros`. */
async function series(name: string, { zeros = false } = {}) {
  const points = (await recorder.points(name)).filter(({ value }) => zeros || value !== 0);
  return points.map(({ attributes, value }) => [attributes, value]);
}

const session = (of: string, state: string) => ({
  'discovery.registry': 'memory://',
  'discovery.of': of,
  'discovery.state': state,
});

it('measures what is, also of what began before: own registrations, lists, sessions and ages', async () => {
  memory.put(instance('b', 2));
  const registration = registry.register(instance('a', 1));
  const watch = registry.watch('goods');
  await Promise.all([registration.registered(), watch.ready()]);
  await vi.waitFor(() => expect(watch.current.instances.length).toBe(2), waiting);
  recorder.start();
  expect(await series('discovery.registrations')).toEqual([
    [{ ...goods, 'discovery.status': 'registered' }, 1],
  ]);
  expect(await series('discovery.instances')).toEqual([[{ ...goods, 'discovery.source': 'live' }, 2]]);
  expect(await series('discovery.held', { zeros: true })).toEqual([[goods, 0]]);
  expect(await series('discovery.sessions')).toEqual([
    [session('registration', 'open'), 1],
    [session('watch', 'open'), 1],
  ]);
  const [[attributes, age] = []] = await series('discovery.age');
  expect(attributes).toEqual(goods);
  expect(age).toBeLessThan(30);
  await registry.close();
  expect(await series('discovery.registrations')).toEqual([]);
  expect(await series('discovery.instances')).toEqual([]);
});

it('an outage of the registry: the registration is lost, the list is the last known good one and gets older', async () => {
  recorder.start();
  const registration = registry.register(instance('a', 1));
  const watch = registry.watch('goods');
  await Promise.all([registration.registered(), watch.ready()]);
  await vi.waitFor(() => expect(watch.current.instances.length).toBe(1), waiting);
  memory.outage(true);
  await vi.waitFor(async () => {
    expect(await series('discovery.registrations')).toEqual([[{ ...goods, 'discovery.status': 'lost' }, 1]]);
    expect(await series('discovery.instances')).toEqual([
      [{ ...goods, 'discovery.source': 'last-known-good' }, 1],
    ]);
  }, waiting);
  expect(await series('discovery.sessions')).toEqual([
    [session('registration', 'opening'), 1],
    [session('watch', 'opening'), 1],
  ]);
  for (const of of ['registration', 'watch'])
    expect(await recorder.value('discovery.session.failures', session(of, 'lost'))).toBe(1);
  const age = async () => recorder.value('discovery.age', goods);
  const before = await age();
  await vi.waitFor(async () => expect(await age()).toBeGreaterThan(before), waiting);
  memory.outage(false);
  await registration.registered();
  await vi.waitFor(async () => {
    expect(await series('discovery.registrations')).toEqual([
      [{ ...goods, 'discovery.status': 'registered' }, 1],
    ]);
    expect(await series('discovery.instances')).toEqual([[{ ...goods, 'discovery.source': 'live' }, 1]]);
  }, waiting);
  expect(await recorder.value('discovery.session.failures', session('registration', 'lost'))).toBe(1);
});

it('a mass removal: the instances that are held back', async () => {
  recorder.start();
  for (const [port, id] of ['a', 'b', 'c'].entries()) memory.put(instance(id, port + 1));
  const watch = registry.watch('goods');
  await watch.ready();
  memory.wipe();
  await vi.waitFor(async () => expect(await series('discovery.held')).toEqual([[goods, 3]]), waiting);
  expect(await recorder.value('discovery.instances', goods)).toBe(3);
});

it('several handles of one registry: a list and an instance count once, a session for each', async () => {
  recorder.start();
  const other = new Registry(memory.open());
  cleanups.push(() => other.close());
  memory.put(instance('b', 2));
  await Promise.all([registry.watch('goods').ready(), other.watch('goods').ready()]);
  expect(await series('discovery.instances')).toEqual([[{ ...goods, 'discovery.source': 'live' }, 1]]);
  expect(await series('discovery.sessions')).toEqual([[session('watch', 'open'), 2]]);
});
