import type { Backend } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import { instanceOfRecord, type Instance, type InstanceInit } from '../model/instance.js';
import { MemoryBackend } from './memory-backend.js';
import { keyOf, MemoryStore } from './memory-store.js';

/**
 * A registry in memory, for unit tests: no server, no files, no timers except while draining. Open a handle for each simulated
 * process, and cause faults with {@link outage}, {@link wipe}, {@link remove} and {@link put}. Records have no TTL: one left by
 * a session that an outage ended stays until it is removed.
 * @example
 * const memory = new MemoryRegistry();
 * const registry = new Registry(memory.open());
 * registry.register({ id: 'a', service: 'goods', host: '127.0.0.1', port: 8080 });
 */
export class MemoryRegistry {
  readonly #store = new MemoryStore();

  /** A new handle, as another process would have. */
  open(): Backend {
    return new MemoryBackend(this.#store);
  }

  /** How many sessions are open, registering or observing. */
  get sessions(): number {
    return this.#store.sessions;
  }

  /** The instances in the registry, of one service or of all. */
  instances(service?: string): Instance[] {
    return this.#store.instances(service);
  }

  /** Starts or ends an outage: every session fails with REGISTRY_UNAVAILABLE. The records stay. */
  outage(isUnavailable: boolean): void {
    this.#store.isUnavailable = isUnavailable;
  }

  /** Removes all records, as a restart without data. */
  wipe(): void {
    this.#store.clear();
  }

  /** Removes an instance's record, as an operator would by mistake. */
  remove(id: string): void {
    for (const instance of this.#store.instances()) {
      if (instance.id === id) this.#store.delete(keyOf(instance));
    }
  }

  /**
   * Writes a record of another live owner, over any existing one.
   * @throws {DiscoveryError} INVALID_INSTANCE.
   */
  put(init: InstanceInit): void {
    const content = instanceOfRecord(init);
    this.#store.put(keyOf(content), { service: content.service, content, isKept: true });
  }

  /** Writes an unreadable record of `service`. */
  putUnreadable(service: string, key = 'junk'): void {
    const content = new DiscoveryError('INVALID_RECORD', `${service}/${key} is unreadable`);
    this.#store.put(`${service}/${key}`, { service, content, isKept: false });
  }
}

/** The backend of a {@link MemoryRegistry} with a single handle. */
export function memoryBackend(registry: MemoryRegistry = new MemoryRegistry()): Backend {
  return registry.open();
}
