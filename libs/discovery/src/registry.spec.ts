import { describe, expect, it, vi } from 'vitest';
import { DiscoveryError } from './model/errors.js';
import { defineInstance } from './model/instance.js';
import type { MembershipState } from './watching/membership.js';
import { Registry, type RegistryOptions, type Watch } from './registry.js';
import { ScriptedBackend } from './testing/scripted-backend.js';

const instance = (id: string, port: number) =>
  defineInstance({ id, service: 'goods', host: '10.0.0.1', port });
const a = instance('a', 1);
const b = instance('b', 2);
const unavailable = new DiscoveryError('REGISTRY_UNAVAILABLE', 'unavailable');

function open(options: RegistryOptions = {}) {
  const backend = new ScriptedBackend();
  const log: string[] = [];
  const registry = new Registry(backend, {
    backoff: { initialMs: 1, maxMs: 5 },
    log: (_, message) => log.push(message),
    ...options,
  });
  return { backend, registry, log };
}

function until(watch: Watch, condition: (state: MembershipState) => boolean): Promise<MembershipState> {
  return vi.waitFor(
    () => {
      if (!condition(watch.current)) throw new Error(JSON.stringify(watch.current));
      return watch.current;
    },
    { timeout: 2_000, interval: 2 },
  );
}

describe('a watch', () => {
  it('is empty first, then lists the registry’s instances', async () => {
    const { backend, registry } = open();
    const watch = registry.watch('goods');
    expect(watch.current).toMatchObject({ source: 'none', instances: [] });
    backend.observed.push([b, a]);
    expect(await watch.ready()).toMatchObject({ source: 'live', instances: [a, b] });
    await registry.close();
  });

  it('registry is unavailable: keeps the last known good set and the error', async () => {
    const { backend, registry } = open();
    const watch = registry.watch('goods');
    backend.observed.push([a]);
    await watch.ready();
    backend.observed.fail(unavailable);
    expect(await until(watch, ({ source }) => source === 'last-known-good')).toMatchObject({
      instances: [a],
      lastError: unavailable,
    });
    backend.observed.push([a, b]);
    const back = await until(watch, ({ source }) => source === 'live');
    expect(back.instances).toEqual([a, b]);
    expect(back.lastError).toBeUndefined();
    await registry.close();
  });

  it('registry is unavailable from the start: no instances, and the error', async () => {
    const { backend, registry } = open();
    const watch = registry.watch('goods');
    backend.observed.fail(unavailable);
    expect(await until(watch, ({ lastError }) => lastError !== undefined)).toMatchObject({
      source: 'none',
      instances: [],
    });
    await registry.close();
  });

  it('registry repeats a set: it is emitted once', async () => {
    const { backend, registry } = open();
    const watch = registry.watch('goods');
    const states: MembershipState[] = [];
    watch.onChange((state) => states.push(state));
    backend.observed.push([a, b]);
    backend.observed.push([b, a]);
    backend.observed.push([a, b]);
    backend.observed.push([a]);
    await until(watch, ({ instances }) => instances.length === 1);
    expect(states.map(({ instances }) => instances.length)).toEqual([2, 1]);
    await registry.close();
  });

  it('outage: logged once, and the recovery once', async () => {
    const { backend, registry, log } = open();
    const watch = registry.watch('goods');
    for (let i = 0; i < 9; i++) backend.observed.fail(unavailable);
    backend.observed.push([a]);
    await watch.ready();
    await registry.close();
    expect(log).toEqual([
      expect.stringContaining('unavailable'),
      expect.stringMatching(/recovered after .* 9 failed attempts/),
    ]);
  });

  it('relists after relistMs', async () => {
    const { backend, registry } = open({ relistMs: 20 });
    backend.firstSet = [a];
    const watch = registry.watch('goods');
    await watch.ready();
    await vi.waitFor(() => expect(backend.opened).toBeGreaterThan(2), { timeout: 2_000 });
    await registry.close();
  });
});

describe('a watch with a filter', () => {
  const canary = defineInstance({ ...b, tags: ['canary'], zone: 'eu-1' });

  it('lists matching instances and emits only their changes', async () => {
    const { backend, registry } = open();
    const [all, some] = [registry.watch('goods'), registry.watch('goods', { tags: ['canary'] })];
    const emitted: string[][] = [];
    some.onChange(({ instances }) => emitted.push(instances.map(({ id }) => id)));
    backend.observed.push([a, canary]);
    await until(all, ({ instances }) => instances.length === 2);
    backend.observed.push([canary, instance('c', 3), a]);
    await until(all, ({ instances }) => instances.length === 3);
    backend.observed.push([canary, { ...canary, id: 'd', port: 4 }, a]);
    await until(some, ({ instances }) => instances.length === 2);
    expect(emitted).toEqual([['b'], ['b', 'd']]);
    expect(some.current.instances).toEqual([canary, { ...canary, id: 'd', port: 4 }]);
    expect(backend.opened).toBe(1);
    await registry.close();
  });

  it('prefers its zone; uses the other zones when that one is empty', async () => {
    const { backend, registry } = open();
    const watch = registry.watch('goods', { zone: 'eu-1' });
    backend.observed.push([a, canary]);
    expect((await watch.ready()).instances).toEqual([canary]);
    backend.observed.push([a]);
    expect((await until(watch, ({ instances }) => instances[0]?.id === 'a')).instances).toEqual([a]);
    await registry.close();
  });

  it('registry becomes unavailable: emitted without a change of matching instances', async () => {
    const { backend, registry } = open();
    const watch = registry.watch('goods', { tags: ['canary'] });
    const sources: string[] = [];
    watch.onChange(({ source }) => sources.push(source));
    backend.observed.push([a]);
    await watch.ready();
    backend.observed.fail(unavailable);
    await until(watch, ({ source }) => source === 'last-known-good');
    expect(sources).toEqual(['live', 'last-known-good']);
    await registry.close();
  });
});

describe('the watches of one service', () => {
  it('share one session, which ends lingerMs after the last one', async () => {
    const { backend, registry } = open({ lingerMs: 20 });
    const watches = Array.from({ length: 50 }, () => registry.watch('goods'));
    backend.observed.push([a]);
    await Promise.all(watches.map((watch) => watch.ready()));
    expect(backend.opened).toBe(1);
    for (const watch of watches) watch.close();
    await vi.waitFor(() => expect(backend.open).toBe(0), { timeout: 2_000 });
    await registry.close();
  });

  it('one is closed twice: the other one goes on', async () => {
    const { backend, registry } = open({ lingerMs: 0 });
    const [one, other] = [registry.watch('goods'), registry.watch('goods')];
    one.close();
    one.close();
    backend.observed.push([a]);
    expect((await other.ready()).instances).toEqual([a]);
    await registry.close();
  });

  it('one is closed: its listeners are not called', async () => {
    const { backend, registry } = open();
    const [one, other] = [registry.watch('goods'), registry.watch('goods')];
    let calls = 0;
    one.onChange(() => (calls += 1));
    one.close();
    backend.observed.push([a]);
    await other.ready();
    expect(calls).toBe(0);
    await registry.close();
  });
});

describe('a registry handle', () => {
  it('is closed: rejects new work, and closes its backend after its sessions', async () => {
    const { backend, registry } = open();
    registry.watch('goods');
    registry.register(a);
    await registry.close();
    expect(backend.closed).toBe(true);
    expect(backend.open).toBe(0);
    expect(() => registry.watch('goods')).toThrow(/^CLOSED: /);
    expect(() => registry.register(b)).toThrow(/^CLOSED: /);
  });

  it('invalid service name: rejected, echoed', () => {
    const { registry } = open();
    expect(() => registry.watch('Goods/1')).toThrow('"Goods/1"');
  });
});
