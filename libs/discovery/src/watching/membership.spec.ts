import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance, type Instance } from '../model/instance.js';
import { Registry, type RegistryOptions, type Watch } from '../registry.js';
import { ScriptedBackend } from '../testing/scripted-backend.js';

const away = new DiscoveryError('REGISTRY_UNAVAILABLE', 'away');
const instance = (id: string, port: number, service = 'goods') =>
  defineInstance({ id, service, host: '10.0.0.1', port });
const [a, b, c] = [instance('a', 1), instance('b', 2), instance('c', 3)];

let backend: ScriptedBackend;
let registry: Registry;
let lines: string[];

// Minutes pass in a moment, and nothing happens between two of them.
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
/** The time between each session and the next, in ms. */
const gaps = () => backend.openedAt.slice(1).map((at, index) => at - backend.openedAt[index]!);
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const ids = ({ current }: Watch) => current.instances.map(({ id }) => id);

async function say(...instances: Instance[]): Promise<void> {
  backend.observed.say(instances);
  await pass(100);
}

describe('the list is read anew', () => {
  it('every 30 to 36 s, each time after another while', async () => {
    open().watch('goods');
    await pass(20 * 36_000);
    expect(gaps().length).toBeGreaterThanOrEqual(19);
    expect(Math.min(...gaps())).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...gaps())).toBeLessThanOrEqual(36_010);
    expect(new Set(gaps().map(Math.round)).size).toBeGreaterThan(10);
  });

  it('on a hint, at most once a second however often it comes', async () => {
    const watch = open().watch('goods');
    for (let ms = 0; ms < 10_000; ms += 10) {
      watch.refresh();
      await pass(10);
    }
    expect(backend.opened).toBeGreaterThanOrEqual(9);
    expect(backend.opened).toBeLessThanOrEqual(11);
  });
});

describe('a registry that resets each session at once', () => {
  it('is asked at most ten times a second, and no less than twice', async () => {
    open().watch('goods');
    for (let times = 0; times < 200; times++) backend.observed.fail(away);
    await pass(10_000);
    expect(Math.min(...gaps())).toBeGreaterThanOrEqual(100);
    expect(Math.max(...gaps())).toBeLessThanOrEqual(501);
  });

  it('is asked no more often when it says something before each reset', async () => {
    open().watch('goods');
    for (let times = 0; times < 200; times++) {
      backend.observed.say([a]);
      backend.observed.fail(away);
    }
    await pass(10_000);
    expect(backend.opened).toBeGreaterThan(20);
    expect(Math.min(...gaps())).toBeGreaterThanOrEqual(100);
  });
});

describe('instances that go missing together', () => {
  it('are held, with an event and a counter, and gone when their time is over: scale to zero is seen', async () => {
    const watch = open().watch('goods');
    const heard: (readonly string[])[] = [];
    watch.onHeld((held) => heard.push(held));
    await say(a, b, c);
    await say();
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    expect(watch.current.held).toEqual(['a', 'b', 'c']);
    expect(heard).toEqual([['a', 'b', 'c']]);
    expect(watch.why().counters.held).toBe(3);
    expect(lines).toEqual([expect.stringContaining('3 instances went missing at once')]);
    await pass(29_000);
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    await pass(1_000);
    expect(watch.current).toMatchObject({ source: 'live', instances: [], held: [] });
    expect(heard).toHaveLength(1);
  });

  it('are held on while the registry is away, and have the rest of their time when it is back', async () => {
    const watch = open().watch('goods');
    await say(a, b, c);
    await say();
    await pass(10_000);
    backend.observed.fail(away);
    await pass(600_000);
    expect(watch.current.source).toBe('last-known-good');
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    await say();
    expect(watch.current.source).toBe('live');
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    await say(a);
    await pass(15_000);
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    await pass(10_000);
    expect(ids(watch)).toEqual(['a']);
  });
});

describe('a burst', () => {
  it('of a thousand registrations in a second is published a few dozen times, and is all there', async () => {
    const watch = open().watch('goods');
    let told = 0;
    watch.onChange(() => (told += 1));
    const all: Instance[] = [];
    for (let number = 0; number < 1_000; number++) {
      all.push(instance(`i-${number}`, number + 1));
      // As a backend does: what was not asked for yet is in the next set.
      backend.observed.replace([...all]);
      await pass(1);
    }
    await pass(100);
    expect(watch.current.instances).toHaveLength(1_000);
    expect(told).toBeGreaterThan(1);
    expect(told).toBeLessThanOrEqual(50);
  });
});

describe('the catalogue', () => {
  it('knows the instances of all services, from one session', async () => {
    const watch = open().watchAll();
    await say(instance('x', 1, 'goods'), instance('y', 2, 'basket'));
    expect(watch.current.instances.map(({ service, id }) => `${service}/${id}`)).toEqual([
      'basket/y',
      'goods/x',
    ]);
    expect(backend.opened).toBe(1);
  });

  it('has two services that share an id and an address twice', async () => {
    const watch = open().watchAll();
    await say(instance('x', 1, 'goods'), instance('x', 1, 'basket'));
    expect(watch.current.instances.map(({ service }) => service)).toEqual(['basket', 'goods']);
    expect(watch.why().instances.every((row) => row.in)).toBe(true);
  });

  it('holds what is left of one service without regard to the others', async () => {
    const watch = open().watchAll();
    const others = Array.from({ length: 20 }, (_, number) => instance(`y-${number}`, 100 + number, 'basket'));
    await say(a, b, ...others);
    // Two of 22 are few, and are all of goods.
    await say(...others);
    expect(watch.current.held).toEqual(['a', 'b']);
    await pass(30_000);
    expect(watch.current.instances).toHaveLength(20);
  });
});

describe('one user never hurts another', () => {
  it('whose listener throws, does not keep the news from those after him, nor end the session', async () => {
    registry = open();
    const [one, other] = [registry.watch('goods'), registry.watch('goods')];
    one.onChange(() => {
      throw new Error('mine');
    });
    const heard: number[] = [];
    other.onChange(({ instances }) => heard.push(instances.length));
    await say(a);
    await say(a, b);
    expect(heard).toEqual([1, 2]);
    expect(backend.opened).toBe(1);
    expect(lines).toEqual(Array(2).fill('a listener to "change" has thrown'));
  });

  it('who closes inside of his listener, or gives up waiting, leaves the others what they have', async () => {
    registry = open({ lingerMs: 0 });
    const [one, other] = [registry.watch('goods'), registry.watch('goods')];
    one.onChange(() => one.close());
    const gaveUp = registry.watch('goods').ready(AbortSignal.abort(new Error('enough')));
    await expect(gaveUp).rejects.toThrow('enough');
    await say(a);
    await say(a, b);
    expect(ids(other)).toEqual(['a', 'b']);
    expect(backend.opened).toBe(1);
  });

  it('who comes back within the linger finds the list and the session of before', async () => {
    registry = open();
    const first = registry.watch('goods');
    await say(a);
    first.close();
    await pass(9_000);
    expect(ids(registry.watch('goods'))).toEqual(['a']);
    await pass(20_000);
    expect(backend.opened).toBe(1);
  });

  it('who is the last ends the session 10 s later', async () => {
    const watch = open().watch('goods');
    await say(a);
    watch.close();
    await pass(9_800);
    expect(backend.open).toBe(1);
    await pass(300);
    expect(backend.open).toBe(0);
    expect(registry.why('goods')).toBeUndefined();
  });
});

describe('nothing is left', () => {
  it('of a thousand watches that were opened and closed: no session, no timer', async () => {
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

  it('of a thousand sessions that failed: one session, one timer', async () => {
    const watch = open().watch('goods');
    await say(a);
    const timers = vi.getTimerCount();
    for (let times = 0; times < 1_000; times++) backend.observed.fail(away);
    backend.observed.say([a, b]);
    await pass(600_000);
    expect(ids(watch)).toEqual(['a', 'b']);
    expect(backend.opened).toBeGreaterThan(1_000);
    expect(backend.open).toBe(1);
    expect(vi.getTimerCount()).toBe(timers);
  });
});

describe('records that cannot be read', () => {
  it('are logged once and counted, also over several sessions', async () => {
    const watch = open().watch('goods');
    const reason = new DiscoveryError('INVALID_RECORD', 'not JSON');
    await say(a);
    for (let session = 0; session < 3; session++) {
      backend.reject('goods/junk', reason);
      watch.refresh();
      await pass(2_000);
    }
    expect(lines).toEqual([
      expect.stringMatching(/^goods: left out record goods\/junk: INVALID_RECORD: not JSON/),
    ]);
    expect(watch.why().rejected).toEqual({
      count: 3,
      last: [{ key: 'goods/junk', reason: 'INVALID_RECORD: not JSON' }],
    });
    expect(ids(watch)).toEqual(['a']);
  });
});

describe('a registry that comes back after an outage', () => {
  it('without one of three: it stays for the 2 s in which the living come back, and goes then', async () => {
    const watch = open().watch('goods');
    await say(a, b, c);
    backend.observed.fail(away);
    await pass(10_000);
    await say(a, b);
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    await pass(1_800);
    expect(ids(watch)).toEqual(['a', 'b', 'c']);
    await pass(200);
    expect(ids(watch)).toEqual(['a', 'b']);
  });
});
