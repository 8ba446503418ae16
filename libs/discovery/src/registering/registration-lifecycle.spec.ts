import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backend } from '../backend/backend.js';
import { Registry, type RegistryOptions } from '../registry.js';
import { MemoryRegistry } from '../testing/memory-registry.js';
import type { InstanceUpdate, Registration } from './registration.js';

const goods = { id: 'a', service: 'goods', host: '127.0.0.1', port: 1, zone: 'eu', version: '1' };
const fast: RegistryOptions = { backoff: { initialMs: 1, maxMs: 5 } };

let memory: MemoryRegistry;
let registry: Registry;
let registration: Registration;

beforeEach(() => {
  memory = new MemoryRegistry();
  registry = new Registry(memory.open(), fast);
});
afterEach(async () => {
  memory.outage(false);
  await registry.close();
});

async function register(backend: Backend = memory.open(), options = fast): Promise<Registration> {
  registry = new Registry(backend, options);
  registration = registry.register(goods);
  await registration.registered();
  return registration;
}

const showingPaused = (showsPaused: boolean): Backend => Object.assign(memory.open(), { showsPaused });

const statuses = () => {
  const seen: string[] = [];
  registration.on('change', ({ status }) => seen.push(status));
  return seen;
};
const listed = () => memory.instances('goods');

describe('update()', () => {
  it('changes the record in place: no set is without the instance', async () => {
    await register();
    const seen = statuses();
    const watch = new Registry(memory.open()).watch('goods');
    await watch.ready();
    const sizes = new Set<number>();
    watch.onChange(({ instances }) => sizes.add(instances.length));
    const update = { weight: 7, tags: ['canary'], metadata: { owner: 'shop' }, zone: 'us', version: '2' };
    await registration.update(update);
    expect(listed()).toMatchObject([{ ...goods, ...update }]);
    expect(registration.instance).toMatchObject({ ...goods, ...update });
    await vi.waitFor(() => expect(watch.current.instances).toMatchObject([update]));
    expect(sizes).toEqual(new Set([1]));
    expect(seen).toEqual([]);
    expect(registration.state.status).toBe('registered');
  });

  it('leaves out what is not given, and resets what is undefined', async () => {
    await register();
    await registration.update({ weight: 7 });
    await registration.update({ zone: undefined, tags: ['canary'] });
    expect(listed()).toMatchObject([{ weight: 7, version: '1', tags: ['canary'] }]);
    expect(listed()[0]).not.toHaveProperty('zone');
    await registration.update({ weight: undefined });
    expect(listed()).toMatchObject([{ weight: 1 }]);
  });

  it.each<[object, string]>([
    [{ weight: 0 }, 'invalid weight 0'],
    [{ tags: [''] }, 'invalid tags'],
    [{ metadata: { a: 1 } }, 'invalid metadata key "a"'],
    [{ metadata: { a: 'x'.repeat(20_000) } }, 'the record takes'],
    [{ zone: '' }, 'invalid zone ""'],
    [{ port: 2 }, 'invalid update of "port": only weight, tags, metadata, zone, version can change'],
  ])('rejects %j before anything is written', async (update, message) => {
    await register();
    const before = registration.instance;
    await expect(registration.update(update as InstanceUpdate)).rejects.toThrow(
      `INVALID_INSTANCE: ${message}`,
    );
    expect(registration.instance).toBe(before);
    expect(registration.state.status).toBe('registered');
    expect(listed()).toEqual([before]);
  });

  it('of many at once, applies them in their order', async () => {
    await register();
    const weights = Array.from({ length: 50 }, (_, index) => index + 1);
    await Promise.all([
      ...weights.map((weight) => registration.update({ weight })),
      registration.update({ tags: ['x'] }),
    ]);
    expect(listed()).toMatchObject([{ weight: 50, tags: ['x'] }]);
  });

  it('while the registry is unavailable waits, and is registered with it', async () => {
    await register();
    memory.outage(true);
    await vi.waitFor(() => expect(registration.state.status).toBe('lost'));
    let isDone = false;
    const updating = registration.update({ weight: 7 }).then(() => (isDone = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isDone).toBe(false);
    memory.outage(false);
    await updating;
    expect(listed()).toMatchObject([{ weight: 7 }]);
  });

  it.each([
    [false, []],
    [true, [{ weight: 7, draining: true }]],
  ])('while it is paused is there after resume() (showsPaused: %s)', async (showsPaused, whilePaused) => {
    await register(showingPaused(showsPaused));
    await registration.pause();
    await registration.update({ weight: 7 });
    expect(registration.state.status).toBe('paused');
    await vi.waitFor(() => expect(listed()).toMatchObject(whilePaused));
    await registration.resume();
    expect(listed()).toMatchObject([{ weight: 7 }]);
    expect(listed()[0]).not.toHaveProperty('draining');
  });

  it('rejects with CLOSED when the registration is closed, before or meanwhile', async () => {
    await register();
    memory.outage(true);
    const updating = registration.update({ weight: 7 }).catch((error: Error) => error.message);
    await registration.close();
    expect(await updating).toMatch(/^CLOSED: /);
    await expect(registration.update({ weight: 8 })).rejects.toThrow(/^CLOSED: /);
  });
});

describe('pause() and resume()', () => {
  it('resume() right after pause() resolves when the instance is in the registry to stay', async () => {
    await register();
    const pausing = registration.pause();
    await registration.resume();
    const seen = statuses();
    await pausing;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(seen).toEqual([]);
    expect(listed()).toEqual([registration.instance]);
  });

  it('a paused registration does not change while the registry is unavailable', async () => {
    await register(showingPaused(true));
    await registration.pause();
    const before = registration.state;
    const seen = statuses();
    memory.outage(true);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(registration.state).toBe(before);
    expect(seen).toEqual([]);
  });

  it.each([
    ['registered', async () => {}],
    ['being paused', async () => void registration.pause()],
    ['paused', () => registration.pause()],
    [
      'being paused after it was lost',
      async () => {
        memory.outage(true);
        await vi.waitFor(() => expect(registration.state.status).toBe('lost'));
        void registration.pause();
        await new Promise((resolve) => setTimeout(resolve, 50));
      },
    ],
  ])('close() while it is %s: draining, then closed', async (_, prepare) => {
    await register();
    await prepare();
    const seen = statuses();
    await registration.close();
    expect(seen).toEqual(['draining', 'closed']);
  });

  it('a hundred can wait for it without a warning about leaks', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    memory.outage(true);
    registration = registry.register(goods);
    const waiting = Promise.all(Array.from({ length: 100 }, () => registration.registered()));
    memory.outage(false);
    await waiting;
    await new Promise(setImmediate);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});

it('a log that throws does not end a registration', async () => {
  const log = () => {
    throw new Error('disk full');
  };
  await register(memory.open(), { ...fast, log });
  memory.outage(true);
  await vi.waitFor(() => expect(registration.state.status).toBe('lost'));
  memory.outage(false);
  await registration.registered();
  expect(listed()).toHaveLength(1);
});
