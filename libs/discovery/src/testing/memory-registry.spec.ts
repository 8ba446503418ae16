import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Registry } from '../registry.js';
import { memoryBackend, MemoryRegistry } from './index.js';

const goods = { id: 'a', service: 'goods', host: '127.0.0.1', port: 1 };

let memory: MemoryRegistry;
let registries: Registry[];

beforeEach(() => {
  memory = new MemoryRegistry();
  registries = [];
});
afterEach(async () => {
  await Promise.all(registries.map((registry) => registry.close()));
});

function open(): Registry {
  const registry = new Registry(memory.open(), { backoff: { initialMs: 1, maxMs: 5 } });
  registries.push(registry);
  return registry;
}
const ids = () => memory.instances('goods').map(({ id }) => id);

it('one handle registers an instance: another one sees it', async () => {
  await open().register(goods).registered();
  const watch = open().watch('goods');
  expect((await watch.ready()).instances).toMatchObject([goods]);
});

it('a handle is closed: no session is left open', async () => {
  const registry = open();
  await registry.register(goods).registered();
  await registry.watch('goods').ready();
  expect(memory.sessions).toBe(2);
  await registry.close();
  expect(memory.sessions).toBe(0);
  expect(ids()).toEqual([]);
});

it('memoryBackend: a registry with one handle', async () => {
  const registry = new Registry(memoryBackend());
  await registry.register(goods).registered();
  expect((await registry.watch('goods').ready()).instances).toHaveLength(1);
  await registry.close();
});

it.each([
  ['its record is removed', () => memory.remove('a')],
  ['the registry is wiped', () => memory.wipe()],
])('an instance registers again when %s', async (_, fault) => {
  await open().register(goods).registered();
  fault();
  expect(ids()).toEqual([]);
  await vi.waitFor(() => expect(ids()).toEqual(['a']));
});

it('an outage: the instance is lost, watchers keep the last known list, and both recover', async () => {
  const registry = open();
  const registration = registry.register(goods);
  const watch = registry.watch('goods');
  await vi.waitFor(() => expect(watch.current.instances).toHaveLength(1));
  memory.outage(true);
  await vi.waitFor(() => expect(registration.state.status).toBe('lost'));
  await vi.waitFor(() => expect(watch.current.source).toBe('last-known-good'));
  expect(watch.current.instances).toHaveLength(1);
  memory.outage(false);
  await vi.waitFor(() => expect(registration.state.status).toBe('registered'));
  await vi.waitFor(() => expect(watch.current.source).toBe('live'));
});

it('an outage ends at once: the session has failed', async () => {
  const registration = open().register(goods);
  await registration.registered();
  const states: string[] = [];
  registration.on('change', ({ status }) => states.push(status));
  memory.outage(true);
  memory.outage(false);
  await vi.waitFor(() => expect(states).toEqual(['lost', 'registered']));
});

it('another owner has the id: CONFLICT until its record is removed', async () => {
  memory.put(goods);
  const registration = open().register({ ...goods, port: 2 });
  await vi.waitFor(() => {
    expect(registration.state).toMatchObject({ status: 'registering', lastError: { code: 'CONFLICT' } });
  });
  memory.remove('a');
  await registration.registered();
  expect(memory.instances()).toMatchObject([{ id: 'a', port: 2 }]);
});

it('an unreadable record is not an instance', () => {
  memory.putUnreadable('goods');
  expect(memory.instances()).toEqual([]);
});

it('a service whose name is no DNS label can be watched, but not registered', async () => {
  const registry = open();
  memory.put({ ...goods, service: 'User.rpc' });
  expect((await registry.watch('User.rpc').ready()).instances).toMatchObject([{ service: 'User.rpc' }]);
  expect((await registry.watchAll().ready()).instances).toMatchObject([{ service: 'User.rpc' }]);
  expect(() => registry.register({ ...goods, service: 'User.rpc' })).toThrow(/^INVALID_INSTANCE: /);
});
