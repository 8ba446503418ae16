import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance, type Instance } from '../model/instance.js';
import { Registry, type RegistryOptions, type Watch } from '../registry.js';
import { ScriptedBackend } from '../testing/scripted-backend.js';

const unavailable = new DiscoveryError('REGISTRY_UNAVAILABLE', 'unavailable');
const instance = (id: string, port: number, service = 'goods') =>
  defineInstance({ id, service, host: '10.0.0.1', port });
const [a, b, c] = [instance('a', 1), instance('b', 2), instance('c', 3)];

let backend: ScriptedBackend;
let registry: Registry;
let lines: string[];

// Fake timers: minutes pass in milliseconds.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(async () => {
  const closing = registry.close();
  await pass(1_000);
  await closing;
  vi.useRealTimers();
});

function open(options: RegistryOptions = {}): Registry {
  backend = new ScriptedBackend();
  lines = [];
  registry = new Registry(backend, { log: (_, message) => lines.push(message), ...options });
  return registry;
}
/** The time between the start of each session and the next, in ms. */
const gaps = () => backend.openedAt.slice(1).map((at, index) => at - backend.openedAt[index]!);
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const ids = ({ current }: Watch) => current.instances.map(({ id }) => id);

async function list(...instances: Instance[]): Promise<void> {
  backend.observed.push(instances);
  await pass(100);
}

describe('relisting', () => {
  it('happens every 30 to 36 s, at varying intervals', async () => {
    open();
    backend.firstSet = [a];
    registry.watch('goods');
    await pass(20 * 36_000);
    expect(gaps().length).toBeGreaterThanOrEqual(19);
    expect(Math.min(...gaps())).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...gaps())).toBeLessThanOrEqual(36_010);
    expect(new Set(gaps().map(Math.round)).size).toBeGreaterThan(10);
  });

  it('happens on refresh(), at most once a second however often it is called', async () => {
    open();
    backend.firstSet = [a];
    const watch = registry.watch('goods');
    for (let ms = 0; ms < 10_000; ms += 10) {
      watch.refresh();
      await pass(10);
    }
    expect(backend.opened).toBeGreaterThanOrEqual(9);
    expect(backend.opened).toBeLessThanOrEqual(11);
  });

  it('does not happen, on refresh() or after relistMs, before the registry has listed: a slow one gets to answer', async () => {
    const watch = open({ relistMs: 500 }).watch('goods');
    for (let ms = 0; ms < 12_000; ms += 100) {
      watch.refresh();
      await pass(100);
    }
    expect(backend.opened).toBe(1);
    backend.observed.fail(unavailable);
    await pass(10);
    expect(watch.current.lastError).toBe(unavailable);
    await pass(1_300);
    await list(a);
    expect(watch.current).toMatchObject({ source: 'live', instances: [a] });
  });
});

describe('a registry that resets every session at once', () => {
  it('gets at most ten sessions a second, and at least two', async () => {
    open().watch('goods');
    for (let times = 0; times < 200; times++) backend.observed.fail(unavailable);
    await pass(10_000);
    expect(Math.min(...gaps())).toBeGreaterThanOrEqual(100);
    expect(Math.max(...gaps())).toBeLessThanOrEqual(501);
  });

  it('gets no more sessions when it yields a set before each reset', async () => {
    open().watch('goods');
    for (let times = 0; times < 200; times++) {
      backend.observed.push([a]);
      backend.observed.fail(unavailable);
    }
    await pass(10_000);
    expect(backend.opened).toBeGreaterThan(20);
    expect(Math.min(...gaps())).toBeGreaterThanOrEqual(100);
  });
});

describe('instances that disappear together', () => {
  it('are held back, with an event and a counter, and removed after the hold time: scaling to zero becomes visible', async () => {
    const watch = open().watch('goods');
    const events: (readonly string[])[] = [];
    watch.onHeld((held) => events.push(held));
    await list(a, b, c);
    await list();
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    expect(watch.current.held).toEqual(['a', 'b', 'c']);
    expect(events).toEqual([['a', 'b', 'c']]);
    expect(watch.why().counters.held).toBe(3);
    expect(lines).toEqual([expect.stringContaining('3 instances disappeared at once')]);
    await pass(29_000);
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    await pass(1_000);
    expect(watch.current).toMatchObject({ source: 'live', instances: [], held: [] });
    expect(events).toHaveLength(1);
  });

  it('stay held back during an outage, and for the rest of their hold time after it', async () => {
    const watch = open().watch('goods');
    await list(a, b, c);
    await list();
    await pass(10_000);
    backend.observed.fail(unavailable);
    await pass(600_000);
    expect(watch.current.source).toBe('last-known-good');
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    await list();
    expect(watch.current.source).toBe('live');
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    await list(a);
    await pass(15_000);
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    await pass(10_000);
    expect(ids(watch)).toEqual(['a']);
  });
});

describe('a burst', () => {
  it('of a thousand registrations in a second is published completely, in at most 50 updates', async () => {
    const watch = open().watch('goods');
    let updates = 0;
    watch.onChange(() => (updates += 1));
    const all: Instance[] = [];
    for (let number = 0; number < 1_000; number++) {
      all.push(instance(`i-${number}`, number + 1));
      // As a backend does: a set that was not requested yet is replaced by the next.
      backend.observed.replace([...all]);
      await pass(1);
    }
    await pass(100);
    expect(watch.current.instances).toHaveLength(1_000);
    expect(updates).toBeGreaterThan(1);
    expect(updates).toBeLessThanOrEqual(50);
  });
});

describe('the catalogue', () => {
  it('lists the instances of all services, with one session', async () => {
    const watch = open().watchAll();
    await list(instance('x', 1, 'goods'), instance('y', 2, 'basket'));
    expect(watch.current.instances.map(({ service, id }) => `${service}/${id}`)).toEqual([
      'basket/y',
      'goods/x',
    ]);
    expect(backend.opened).toBe(1);
  });

  it('keeps instances of two services with the same id and address', async () => {
    const watch = open().watchAll();
    await list(instance('x', 1, 'goods'), instance('x', 1, 'basket'));
    expect(watch.current.instances.map(({ service }) => service)).toEqual(['basket', 'goods']);
    expect(watch.why().instances.every((row) => row.in)).toBe(true);
  });

  it('guards each service separately', async () => {
    const watch = open().watchAll();
    const basket = Array.from({ length: 20 }, (_, number) => instance(`y-${number}`, 100 + number, 'basket'));
    await list(a, b, ...basket);
    // Two of 22 instances, but all of the service goods.
    await list(...basket);
    expect(watch.current.held).toEqual(['a', 'b']);
    await pass(30_000);
    expect(watch.current.instances).toHaveLength(20);
  });
});

describe('watches do not affect each other', () => {
  it('a listener that throws neither stops the other listeners nor ends the session', async () => {
    registry = open();
    const [one, other] = [registry.watch('goods'), registry.watch('goods')];
    one.onChange(() => {
      throw new Error('listener');
    });
    const sizes: number[] = [];
    other.onChange(({ instances }) => sizes.push(instances.length));
    await list(a);
    await list(a, b);
    expect(sizes).toEqual([1, 2]);
    expect(backend.opened).toBe(1);
    expect(lines).toEqual(Array(2).fill('a listener of "change" threw an error'));
  });

  it('a watch that is closed in its listener, or a ready() that is aborted, leaves the others intact', async () => {
    registry = open({ lingerMs: 0 });
    const [one, other] = [registry.watch('goods'), registry.watch('goods')];
    one.onChange(() => one.close());
    const aborted = registry.watch('goods').ready(AbortSignal.abort(new Error('aborted')));
    await expect(aborted).rejects.toThrow('aborted');
    await list(a);
    await list(a, b);
    expect(ids(other)).toEqual(['a', 'b']);
    expect(backend.opened).toBe(1);
  });

  it('a new watch within the linger time has the list and the session of the closed one', async () => {
    registry = open();
    const first = registry.watch('goods');
    await list(a);
    first.close();
    await pass(9_000);
    expect(ids(registry.watch('goods'))).toEqual(['a']);
    await pass(20_000);
    expect(backend.opened).toBe(1);
  });

  it('the session ends 10 s after the last watch is closed', async () => {
    const watch = open().watch('goods');
    await list(a);
    watch.close();
    await pass(9_800);
    expect(backend.open).toBe(1);
    await pass(300);
    expect(backend.open).toBe(0);
    expect(registry.why('goods')).toBeUndefined();
  });
});

describe('nothing leaks', () => {
  it('from a thousand watches that were opened and closed: no session, no timer', async () => {
    registry = open({ lingerMs: 0 });
    const timers = vi.getTimerCount();
    const watches = Array.from({ length: 1_000 }, (_, number) => registry.watch(`goods-${number % 100}`));
    for (const watch of watches) watch.onChange(() => {});
    await pass(100);
    expect(backend.open).toBe(100);
    for (const watch of watches) watch.close();
    await pass(1);
    expect(backend.open).toBe(0);
    expect(vi.getTimerCount()).toBe(timers);
  });

  it('from a thousand failed sessions: one session, one timer', async () => {
    const watch = open().watch('goods');
    await list(a);
    const timers = vi.getTimerCount();
    for (let times = 0; times < 1_000; times++) backend.observed.fail(unavailable);
    backend.firstSet = [a, b];
    await pass(600_000);
    expect(ids(watch)).toEqual(['a', 'b']);
    expect(backend.opened).toBeGreaterThan(1_000);
    expect(backend.open).toBe(1);
    expect(vi.getTimerCount()).toBe(timers);
  });
});

describe('unreadable records', () => {
  it('are logged once and counted each time, over several sessions', async () => {
    const watch = open().watch('goods');
    const reason = new DiscoveryError('INVALID_RECORD', 'not JSON');
    await list(a);
    for (let session = 0; session < 3; session++) {
      backend.reject('goods/bad', reason);
      watch.refresh();
      await pass(2_000);
    }
    expect(lines).toEqual([
      expect.stringMatching(/^goods: left out record goods\/bad: INVALID_RECORD: not JSON/),
    ]);
    expect(watch.why().rejected).toEqual({
      count: 3,
      last: [{ key: 'goods/bad', reason: 'INVALID_RECORD: not JSON' }],
    });
    expect(ids(watch)).toEqual(['a']);
  });
});

describe('a registry that recovers without one of three instances', () => {
  it('keeps it for the 2 s in which instances may register again, then removes it', async () => {
    const watch = open().watch('goods');
    await list(a, b, c);
    backend.observed.fail(unavailable);
    await pass(10_000);
    await list(a, b);
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    await pass(1_800);
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    await pass(200);
    expect(ids(watch)).toEqual(['a', 'b']);
  });
});
