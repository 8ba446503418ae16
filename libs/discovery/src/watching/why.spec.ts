import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance, type InstanceInit } from '../model/instance.js';
import { Registry } from '../registry.js';
import { ScriptedBackend } from '../testing/scripted-backend.js';

const instance = (id: string, port: number, change: Partial<InstanceInit> = {}) =>
  defineInstance({ id, service: 'goods', host: '10.0.0.1', port, ...change });

let backend: ScriptedBackend;
let registry: Registry;
beforeEach(() => {
  backend = new ScriptedBackend();
  registry = new Registry(backend, { backoff: { initialMs: 1, maxMs: 5 } });
});
afterEach(() => registry.close());

const why = () => registry.why('goods')!;
const reasons = () =>
  Object.fromEntries(why().instances.map(({ address, in: isIn, reason }) => [address, { in: isIn, reason }]));

it('exists for watched services only', () => {
  expect(registry.why('goods')).toBeUndefined();
  const watch = registry.watch('goods');
  expect(why()).toMatchObject({ service: 'goods', registry: 'scripted://test', source: 'none', ageMs: null });
  expect(watch.why()).toEqual(why());
});

it('lists for each instance whether it is in the list, and the reason', async () => {
  const watch = registry.watch('goods');
  backend.observed.push([
    instance('in', 1),
    instance('draining', 2, { draining: true }),
    instance('twice', 3, { registeredAt: 1 }),
    instance('twice', 4, { registeredAt: 2 }),
    instance('old', 5, { registeredAt: 1 }),
    instance('young', 5, { registeredAt: 2 }),
  ]);
  await watch.ready();
  expect(why().instances).toHaveLength(6);
  expect(reasons()).toMatchObject({
    '10.0.0.1:1': { in: true, reason: 'listed by the registry' },
    '10.0.0.1:2': { in: false, reason: 'draining' },
    '10.0.0.1:3': { in: false, reason: 'replaced by a newer record of this id at 10.0.0.1:4' },
    '10.0.0.1:4': { in: true, reason: 'listed by the registry' },
  });
  expect(why().instances.filter(({ address }) => address === '10.0.0.1:5')).toEqual([
    {
      id: 'old',
      address: '10.0.0.1:5',
      in: false,
      reason: 'replaced by young, a newer instance at this address',
    },
    { id: 'young', address: '10.0.0.1:5', in: true, reason: 'listed by the registry' },
  ]);
  const listed = why()
    .instances.filter((row) => row.in)
    .map(({ id }) => id);
  expect(listed.toSorted()).toEqual(watch.current.instances.map(({ id }) => id));
});

it('lists instances that are held back, with the reason', async () => {
  const watch = registry.watch('goods');
  backend.observed.push([instance('a', 1), instance('b', 2)]);
  await watch.ready();
  backend.observed.push([]);
  await vi.waitFor(() => expect(watch.current.held).toHaveLength(2));
  expect(reasons()['10.0.0.1:1']).toEqual({ in: true, reason: 'held back: the registry no longer lists it' });
});

it('contains source, age, last error, counters and changes', async () => {
  const watch = registry.watch('goods');
  backend.observed.push([instance('a', 1)]);
  await watch.ready();
  backend.observed.fail(new DiscoveryError('REGISTRY_UNAVAILABLE', 'unavailable'));
  await vi.waitFor(() => expect(why().source).toBe('last-known-good'));
  const { ageMs, lastError, changes, counters } = why();
  expect(ageMs).toBeGreaterThanOrEqual(0);
  expect(lastError).toEqual({ code: 'REGISTRY_UNAVAILABLE', message: 'REGISTRY_UNAVAILABLE: unavailable' });
  expect(changes.map(({ what, who }) => `${what} ${who}`)).toEqual([
    'source live',
    'joined a (10.0.0.1:1)',
    'source last-known-good',
  ]);
  expect(counters).toMatchObject({ published: 1, held: 0 });
});

it('is plain JSON without metadata, which may contain secrets', async () => {
  const watch = registry.watch('goods');
  backend.observed.push([instance('a', 1, { metadata: { password: 'hunter2' } })]);
  await watch.ready();
  const { ageMs, ...fields } = why();
  expect(JSON.parse(JSON.stringify(fields))).toEqual(fields);
  expect(ageMs).toBeTypeOf('number');
  expect(JSON.stringify(why())).not.toContain('hunter2');
});
