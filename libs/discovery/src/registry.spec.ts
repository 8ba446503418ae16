import { once } from 'node:events';
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
const away = new DiscoveryError('REGISTRY_UNAVAILABLE', 'away');

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
  it('knows nothing first, then what the registry says', async () => {
    const { backend, registry } = open();
    const watch = registry.watch('goods');
    expect(watch.current).toMatchObject({ source: 'none', instances: [] });
    backend.observed.say([b, a]);
    expect(await watch.ready()).toMatchObject({ source: 'live', instances: [a, b] });
    await registry.close();
  });

  it('keeps the last known good set while the registry is away, and says why', async () => {
    const { backend, registry } = open();
    const watch = registry.watch('goods');
    backend.observed.say([a]);
    await watch.ready();
    backend.observed.fail(away);
    expect(await until(watch, ({ source }) => source === 'last-known-good')).toMatchObject({
      instances: [a],
      lastError: away,
    });
    backend.observed.say([a, b]);
    const back = await until(watch, ({ source }) => source === 'live');
    expect(back.instances).toEqual([a, b]);
    expect(back.lastError).toBeUndefined();
    await registry.close();
  });

  it('says that the registry is away before it has ever answered', async () => {
    const { backend, registry } = open();
    const watch = registry.watch('goods');
    backend.observed.fail(away);
    expect(await until(watch, ({ lastError }) => lastError !== undefined)).toMatchObject({
      source: 'none',
      instances: [],
    });
    await registry.close();
  });

  it('publishes a set once, however often the registry repeats it', async () => {
    const { backend, registry } = open();
    const watch = registry.watch('goods');
    const heard: MembershipState[] = [];
    watch.onChange((state) => heard.push(state));
    backend.observed.say([a, b]);
    backend.observed.say([b, a]);
    backend.observed.say([a, b]);
    backend.observed.say([a]);
    await until(watch, ({ instances }) => instances.length === 1);
    expect(heard.map(({ instances }) => instances.length)).toEqual([2, 1]);
    await registry.close();
  });

  it('logs an outage once, and once that it is over', async () => {
    const { backend, registry, log } = open();
    const watch = registry.watch('goods');
    for (let i = 0; i < 9; i++) backend.observed.fail(away);
    backend.observed.say([a]);
    await watch.ready();
    expect(log).toEqual([
      expect.stringContaining('away'),
      expect.stringMatching(/recovered after .* 9 failed attempts/),
    ]);
    await registry.close();
  });

  it('lists anew after its time, and on a hint', async () => {
    const { backend, registry } = open({ relistMs: 20 });
    const watch = registry.watch('goods');
    backend.observed.say([a]);
    await watch.ready();
    await vi.waitFor(() => expect(backend.opened).toBeGreaterThan(2), { timeout: 2_000 });
    await registry.close();
  });
});

describe('a watch with a filter', () => {
  const canary = defineInstance({ ...b, tags: ['canary'], zone: 'eu-1' });

  it('holds what fits, and hears of changes of that alone', async () => {
    const { backend, registry } = open();
    const [all, some] = [registry.watch('goods'), registry.watch('goods', { tags: ['canary'] })];
    const heard: string[][] = [];
    some.onChange(({ instances }) => heard.push(instances.map(({ id }) => id)));
    backend.observed.say([a, canary]);
    await until(all, ({ instances }) => instances.length === 2);
    backend.observed.say([canary, instance('c', 3), a]);
    await until(all, ({ instances }) => instances.length === 3);
    backend.observed.say([canary, { ...canary, id: 'd', port: 4 }, a]);
    await until(some, ({ instances }) => instances.length === 2);
    expect(heard).toEqual([['b'], ['b', 'd']]);
    expect(some.current.instances).toEqual([canary, { ...canary, id: 'd', port: 4 }]);
    expect(backend.opened).toBe(1);
    await registry.close();
  });

  it('prefers its zone, and takes the others when that is empty', async () => {
    const { backend, registry } = open();
    const watch = registry.watch('goods', { zone: 'eu-1' });
    backend.observed.say([a, canary]);
    expect((await watch.ready()).instances).toEqual([canary]);
    backend.observed.say([a]);
    expect((await until(watch, ({ instances }) => instances[0]?.id === 'a')).instances).toEqual([a]);
    await registry.close();
  });

  it('hears that the registry is away although nothing that fits has changed', async () => {
    const { backend, registry } = open();
    const watch = registry.watch('goods', { tags: ['canary'] });
    const sources: string[] = [];
    watch.onChange(({ source }) => sources.push(source));
    backend.observed.say([a]);
    await watch.ready();
    backend.observed.fail(away);
    await until(watch, ({ source }) => source === 'last-known-good');
    expect(sources).toEqual(['live', 'last-known-good']);
    await registry.close();
  });
});

describe('one session for all that watch a service', () => {
  it('is shared, and ends a while after the last one has gone', async () => {
    const { backend, registry } = open({ lingerMs: 20 });
    const watches = Array.from({ length: 50 }, () => registry.watch('goods'));
    backend.observed.say([a]);
    await Promise.all(watches.map((watch) => watch.ready()));
    expect(backend.opened).toBe(1);
    for (const watch of watches) watch.close();
    await vi.waitFor(() => expect(backend.open).toBe(0), { timeout: 2_000 });
    await registry.close();
  });

  it('goes on for one when another closes, twice even', async () => {
    const { backend, registry } = open({ lingerMs: 0 });
    const [one, other] = [registry.watch('goods'), registry.watch('goods')];
    one.close();
    one.close();
    backend.observed.say([a]);
    expect((await other.ready()).instances).toEqual([a]);
    await registry.close();
  });

  it('does not tell a watch that was closed', async () => {
    const { backend, registry } = open();
    const [one, other] = [registry.watch('goods'), registry.watch('goods')];
    let heard = 0;
    one.onChange(() => (heard += 1));
    one.close();
    backend.observed.say([a]);
    await other.ready();
    expect(heard).toBe(0);
    await registry.close();
  });
});

describe('a registration', () => {
  it('registers, is lost, and registers again without end', async () => {
    const { backend, registry } = open();
    const registration = registry.register(a);
    expect(registration.state.status).toBe('registering');
    backend.announced.say('registered');
    await registration.registered();
    backend.announced.fail(new DiscoveryError('REGISTRATION_LOST', 'deleted'));
    const [lost] = await once(registration, 'change');
    expect(lost).toMatchObject({ status: 'lost', lastError: { code: 'REGISTRATION_LOST' } });
    for (let i = 0; i < 20; i++) backend.announced.fail(away);
    backend.announced.say('registered');
    await registration.registered();
    await registry.close();
    expect(registration.state.status).toBe('closed');
  });

  it('remembers since when it is lost over all the attempts', async () => {
    const { backend, registry } = open();
    const registration = registry.register(a);
    backend.announced.say('registered');
    await registration.registered();
    backend.announced.fail(away);
    const [first] = await once(registration, 'change');
    backend.announced.fail(away);
    const [second] = await once(registration, 'change');
    expect(second.since).toBe(first.since);
    await registry.close();
  });

  it('is the only one of its id in a process', async () => {
    const { registry } = open();
    const registration = registry.register(a);
    expect(() => registry.register(a)).toThrow(/^INVALID_INSTANCE: id a is registered/);
    await registration.close();
    expect(() => registry.register(a)).not.toThrow();
    await registry.close();
  });

  it('is taken out of rotation and put back without losing itself', async () => {
    const { backend, registry } = open();
    const registration = registry.register(a);
    backend.announced.say('registered');
    await registration.registered();
    await registration.pause();
    expect(registration.state.status).toBe('paused');
    expect(backend.announcing).toBe(0);
    backend.announced.say('registered');
    await registration.resume();
    expect(registration.state.status).toBe('registered');
    expect(backend.announcing).toBe(1);
    await registry.close();
    expect(registration.state.status).toBe('closed');
  });

  it('that was lost removes the record left in the registry when it is closed', async () => {
    const { backend, registry } = open({ backoff: { initialMs: 60_000, maxMs: 60_000 } });
    const registration = registry.register(a);
    backend.announced.say('registered');
    await registration.registered();
    backend.announced.fail(away);
    await once(registration, 'change');
    expect(registration.state.status).toBe('lost');
    await registration.close();
    expect(backend.removed).toBe(1);
    expect(backend.announcing).toBe(0);
    await registry.close();
  });

  it('can be paused while the registry is away, and closed while it is paused', async () => {
    const { backend, registry } = open();
    const registration = registry.register(a);
    backend.announced.fail(away);
    await registration.pause();
    expect(registration.state.status).toBe('paused');
    await registration.close();
    expect(registration.state.status).toBe('closed');
    await registration.pause();
    await registry.close();
  });

  it.each(['0.0.0.0', '::'])('is refused at %s, at once', async (host) => {
    const { registry } = open();
    expect(() => registry.register({ ...a, host })).toThrow(`INVALID_INSTANCE: invalid host "${host}"`);
    expect(registry.registrations).toEqual([]);
    await registry.close();
  });

  it('is refused on loopback while the registry is elsewhere, whose readers would call themselves', async () => {
    const elsewhere = new Registry(Object.assign(new ScriptedBackend(), { host: '192.0.2.1' }));
    expect(() => elsewhere.register({ ...a, host: '127.0.0.1' })).toThrow(
      /^NO_ADVERTISABLE_ADDRESS: 127\.0\.0\.1 .* registry is at 192\.0\.2\.1: set /,
    );
    expect(() => elsewhere.register(a)).not.toThrow();
    const here = new Registry(Object.assign(new ScriptedBackend(), { host: '127.0.0.1' }));
    expect(() => here.register({ ...a, host: '127.0.0.1' })).not.toThrow();
    await Promise.all([elsewhere.close(), here.close()]);
  });

  it('goes on when a listener throws, and says so', async () => {
    const { backend, registry, log } = open();
    const registration = registry.register(a);
    registration.on('change', () => {
      throw new Error('mine');
    });
    backend.announced.say('registered');
    await registration.registered();
    backend.announced.fail(away);
    await once(registration, 'change');
    backend.announced.say('registered');
    await registration.registered();
    expect(log.filter((line) => line === 'a listener of "change" threw an error').length).toBeGreaterThan(2);
    await registry.close();
  });

  it('rejects who waits for it when it is closed first', async () => {
    const { registry } = open();
    const waiting = registry.register(a).registered();
    await Promise.all([expect(waiting).rejects.toThrow(/^CLOSED: /), registry.close()]);
  });
});

describe('a registry handle', () => {
  it('takes no more work once it is closed, and closes its backend after its sessions', async () => {
    const { backend, registry } = open();
    registry.watch('goods');
    registry.register(a);
    await registry.close();
    expect(backend.closed).toBe(true);
    expect(backend.open).toBe(0);
    expect(() => registry.watch('goods')).toThrow(/^CLOSED: /);
    expect(() => registry.register(b)).toThrow(/^CLOSED: /);
  });

  it('refuses to watch what is no service name', () => {
    const { registry } = open();
    expect(() => registry.watch('Goods/1')).toThrow('"Goods/1"');
  });
});
