import { setTimeout as delay } from 'node:timers/promises';
import {
  type AnnounceSession,
  type Backend,
  drainingVisibleMs,
  type ObservedSet,
  type ObserveSession,
} from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { waitForChange } from '../runtime/wait-for-change.js';
import { keyOf, type MemoryRecord, type MemoryStore } from './memory-store.js';

/** One handle of a registry in memory. */
export class MemoryBackend implements Backend {
  readonly scheme = 'memory';
  readonly location = 'memory://';
  readonly #store: MemoryStore;
  readonly #handle = {};

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  async announce(instance: Instance, session: AnnounceSession): Promise<void> {
    const key = keyOf(instance);
    const record = { service: instance.service, content: instance, owner: this.#handle, kept: true };
    this.#store.sessions += 1;
    try {
      // As with every other registry, nothing happens before the caller has had his turn.
      await Promise.resolve();
      if (!session.signal.aborted) await this.#keep(key, record, session);
      await this.#leave(key, instance);
    } catch (error) {
      record.kept = false;
      throw error;
    } finally {
      this.#store.sessions -= 1;
    }
  }

  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(service, session);
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(undefined, session);
  }

  async close(): Promise<void> {}

  async #keep(key: string, record: MemoryRecord, { signal, registered }: AnnounceSession): Promise<void> {
    const connection = this.#store.connect();
    const existing = this.#store.get(key);
    // Of two owners that live, the one who registered first keeps it.
    if (this.#isAnothers(existing) && !isLater(existing, record)) throw conflict(key);
    this.#store.put(key, record);
    registered();
    while (!signal.aborted) {
      this.#store.assertConnected(connection);
      this.#verify(key, record);
      await waitForChange(this.#store, signal);
    }
  }

  /** @throws {DiscoveryError} when the record is no longer what we made of it. */
  #verify(key: string, record: MemoryRecord): void {
    const existing = this.#store.get(key);
    if (existing === record) return;
    if (this.#isAnothers(existing)) throw conflict(key);
    throw new DiscoveryError(
      'REGISTRATION_LOST',
      `${key} was ${existing ? 'changed' : 'removed'} by someone else`,
    );
  }

  #isAnothers(record: MemoryRecord | undefined): record is MemoryRecord {
    return record?.kept === true && record.owner !== this.#handle;
  }

  async #leave(key: string, instance: Instance): Promise<void> {
    const existing = this.#store.get(key);
    if (existing?.owner !== this.#handle) return;
    const leaving = { ...existing, content: { ...instance, draining: true } };
    this.#store.put(key, leaving);
    // Nobody can see the mark while the registry is away.
    if (!this.#store.away) await delay(drainingVisibleMs);
    if (this.#store.get(key) !== leaving) return;
    this.#store.delete(key);
  }

  async *#observe(service: string | undefined, session: ObserveSession): AsyncIterable<ObservedSet> {
    const { signal, rejected } = session;
    if (signal.aborted) return;
    const connection = this.#store.connect();
    const reported = new WeakSet<DiscoveryError>();
    let seen = -1;
    this.#store.sessions += 1;
    try {
      while (!signal.aborted) {
        this.#store.assertConnected(connection);
        const { revision } = this.#store;
        if (revision === seen) {
          await waitForChange(this.#store, signal);
          continue;
        }
        seen = revision;
        for (const [key, reason] of this.#store.unreadable(service)) {
          if (!reported.has(reason)) rejected(key, reason);
          reported.add(reason);
        }
        yield { instances: this.#store.instances(service), revision: String(revision) };
      }
    } finally {
      this.#store.sessions -= 1;
    }
  }
}

function conflict(key: string): DiscoveryError {
  return new DiscoveryError(
    'CONFLICT',
    `${key} is kept by someone else; give each instance an id of its own`,
  );
}

function isLater({ content: a }: MemoryRecord, { content: b }: MemoryRecord): boolean {
  if (a instanceof DiscoveryError || b instanceof DiscoveryError) return false;
  return a.registeredAt !== undefined && a.registeredAt > (b.registeredAt ?? Infinity);
}
