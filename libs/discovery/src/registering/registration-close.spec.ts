import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backend, OwnRecord } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { Registry, type RegistryOptions } from '../registry.js';
import { MemoryRegistry } from '../testing/memory-registry.js';
import type { Registration } from './registration.js';

const goods = { id: 'a', service: 'goods', host: '127.0.0.1', port: 1 };
const fast: RegistryOptions = { backoff: { initialMs: 1, maxMs: 5 } };

let memory: MemoryRegistry;
let registry: Registry;
let registration: Registration;

beforeEach(() => {
  memory = new MemoryRegistry();
});
afterEach(() => registry.close());

async function register(backend: Backend, options = fast): Promise<void> {
  registry = new Registry(backend, options);
  registration = registry.register(goods);
  await registration.registered();
}

/** A backend in memory whose records differ in some operations. */
function withRecord(change: (record: OwnRecord) => Partial<OwnRecord>): Backend {
  const backend = memory.open();
  const ownRecord = (instance: Instance): OwnRecord => {
    const record = backend.ownRecord(instance);
    const kept: OwnRecord = {
      write: (...args) => record.write(...args),
      keep: (signal) => record.keep(signal),
      markDraining: (signal) => record.markDraining!(signal),
      remove: (signal) => record.remove(signal),
    };
    return { ...kept, ...change(record) };
  };
  return {
    scheme: backend.scheme,
    location: backend.location,
    observe: (...args) => backend.observe(...args),
    observeAll: (session) => backend.observeAll(session),
    close: () => backend.close(),
    ownRecord,
  };
}

describe('close()', () => {
  const unavailable = new DiscoveryError('REGISTRY_UNAVAILABLE', '500');

  it('removes the record although the first attempts fail', async () => {
    let failures = 2;
    await register(
      withRecord((record) => ({
        remove: async (signal) => {
          if (failures-- > 0) throw unavailable;
          await record.remove(signal);
        },
      })),
    );
    await registration.close();
    expect(failures).toBe(-1);
    expect(memory.instances('goods')).toEqual([]);
  });

  const hang = () => new Promise<void>(() => {});
  const untilAbort = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(unavailable)));

  it.each<[string, Partial<OwnRecord>]>([
    ['hang until they are aborted', { markDraining: untilAbort, remove: untilAbort }],
    ['hang for ever', { markDraining: hang, remove: hang }],
    [
      'fail',
      {
        markDraining: async () => Promise.reject(unavailable),
        remove: async () => Promise.reject(unavailable),
      },
    ],
  ])('ends within 2 s when marking and removing %s, also after a lost session', async (_, operations) => {
    await register(withRecord(() => operations));
    const startedAt = performance.now();
    await registration.close();
    expect(performance.now() - startedAt).toBeLessThan(2_000);

    await registry.close();
    memory = new MemoryRegistry();
    await register(
      withRecord(() => ({ ...operations, keep: async () => Promise.reject(unavailable) })),
      {
        backoff: { initialMs: 1_000, maxMs: 1_000 },
      },
    );
    await vi.waitFor(() => expect(registration.state.status).toBe('lost'));
    const lostAt = performance.now();
    await registration.close();
    expect(performance.now() - lostAt).toBeLessThan(2_000);
  });

  it('ends within 2 s when a session was lost and the next one is being written', async () => {
    let isLost = false;
    await register(
      withRecord((record) => ({
        write: (instance, signal) => (isLost ? untilAbort(signal) : record.write(instance, signal)),
        keep: async () => {
          isLost = true;
          throw unavailable;
        },
        markDraining: untilAbort,
        remove: untilAbort,
      })),
    );
    await vi.waitFor(() => expect(registration.state.status).toBe('lost'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const startedAt = performance.now();
    await registration.close();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
