import type { Backend } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance, type Instance, type InstanceInit } from '../model/instance.js';
import { MemoryBackend } from './memory-backend.js';
import { keyOf, MemoryStore } from './memory-store.js';

/**
 * A registry in memory, for unit tests of what uses one: no server, no files, no timers but the drain mark. Open as many
 * handles as there would be processes, and break it with {@link outage}, {@link wipe}, {@link remove} and {@link put}.
 * Records have no TTL: what a session left behind when the registry went away stays until it is removed.
 * @example
 * const memory = new MemoryRegistry();
 * const registry = new Registry(memory.open());
 * registry.register({ id: 'a', service: 'goods', host: '127.0.0.1', port: 8080 });
 */
export class MemoryRegistry {
  readonly #store = new MemoryStore();

  /** A handle of its own, as another process would have. */
  open(): Backend {
    return new MemoryBackend(this.#store);
  }

  /** How many sessions are open: of instances that are announced, and of those that look. */
  get sessions(): number {
    return this.#store.sessions;
  }

  /** The instances in the registry, of one service or of all. */
  instances(service?: string): Instance[] {
    return this.#store.instances(service);
  }

  /** Away from now on, or back: every session fails with REGISTRY_UNAVAILABLE. The records stay. */
  outage(away: boolean): void {
    this.#store.away = away;
  }

  /** All records are gone, as after a restart without data. */
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
   * Writes the record of a stranger, who lives until it is removed, over whichever is there.
   * @throws {DiscoveryError} INVALID_INSTANCE.
   */
  put(init: InstanceInit): void {
    const content = defineInstance(init);
    this.#store.put(keyOf(content), { service: content.service, content, isKept: true });
  }

  /** Writes a record of `service` that nobody can read. */
  putUnreadable(service: string, key = 'junk'): void {
    const content = new DiscoveryError('INVALID_RECORD', `${service}/${key} is junk`);
    this.#store.put(`${service}/${key}`, { service, content, isKept: false });
  }
}

/** A {@link MemoryRegistry} with one handle, where nobody else looks at it. */
export function memoryBackend(registry: MemoryRegistry = new MemoryRegistry()): Backend {
  return registry.open();
}
