import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance, type Instance } from '../model/instance.js';
import { Registry, type RegistryOptions, type Watch } from '../registry.js';
import { ScriptedBackend } from '../testing/scripted-backend.js';

const unavailable = new DiscoveryError('REGISTRY_UNAVAILABLE', 'unavailable');
const instance = (id: string, port: number) =>
  defineInstance({ id, service: 'goods', host: '10.0.0.1', port });
const [a, b] = [instance('a', 1), instance('b', 2)];

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
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const ids = ({ current }: Watch) => current.instances.map(({ id }) => id);

async function list(...instances: Instance[]): Promise<void> {
  backend.observed.push(instances);
  await pass(100);
}

describe('a list', () => {
  it('is frozen, so that no watcher can change that of another', async () => {
    registry = open();
    const [all, some] = [registry.watch('goods'), registry.watch('goods', { zone: 'eu' })];
    await list(a, b);
    await list();
    for (const { current } of [all, some]) {
      expect([current, current.instances, current.held].map(Object.isFrozen)).toEqual([true, true, true]);
      expect(() => ((current.instances as Instance[]).length = 0)).toThrow(TypeError);
    }
    expect(ids(all)).toEqual(['a', 'b']);
  });
});

describe('ready()', () => {
  it.each([
    ['the watch', (watch: Watch) => watch.close()],
    ['the registry', () => void registry.close()],
  ])('rejects with CLOSED when %s is closed, before or after the call', async (_, close) => {
    const watch = open().watch('goods');
    const waiting = watch.ready().catch((error: Error) => error.message);
    await pass(10);
    close(watch);
    await pass(10);
    expect(await waiting).toMatch(/^CLOSED: /);
    await expect(watch.ready()).rejects.toThrow(/^CLOSED: /);
  });

  it('can be awaited by many without a warning about leaks', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const watch = open().watch('goods');
    const waiting = Promise.all(Array.from({ length: 100 }, () => watch.ready()));
    await list(a);
    await waiting;
    await new Promise(setImmediate);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});

describe('a log that throws', () => {
  it('affects neither the session nor the list', async () => {
    registry = open({
      log: () => {
        throw new Error('disk full');
      },
    });
    const watch = registry.watch('goods');
    backend.observed.fail(unavailable);
    await pass(1_000);
    await list(a);
    expect(ids(watch)).toEqual(['a']);
  });
});
