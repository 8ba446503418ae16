import type { Backend, ObservedSet, ObserveSession, OwnRecord } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { waitForChange } from '../runtime/wait-for-change.js';
import { keyOf, type MemoryRecord, type MemoryStore } from './memory-store.js';

/** One handle of a registry in memory. */
export class MemoryBackend implements Backend {
  readonly scheme = 'memory';
  readonly location = 'memory://';
  readonly #store: MemoryStore;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  ownRecord(instance: Instance): OwnRecord {
    return new MemoryOwnRecord(this.#store, this, instance);
  }

  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(service, session);
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(undefined, session);
  }

  async close(): Promise<void> {}

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

class MemoryOwnRecord implements OwnRecord {
  readonly #store: MemoryStore;
  readonly #owner: object;
  readonly #key: string;
  #written: MemoryRecord | undefined;
  #connection = 0;

  constructor(store: MemoryStore, owner: object, instance: Instance) {
    this.#store = store;
    this.#owner = owner;
    this.#key = keyOf(instance);
  }

  async write(instance: Instance, signal: AbortSignal): Promise<void> {
    // Asynchronous, as in every other registry.
    await Promise.resolve();
    if (signal.aborted) return;
    this.#connection = this.#store.connect();
    const record = { service: instance.service, content: instance, owner: this.#owner, isKept: true };
    const existing = this.#store.get(this.#key);
    // Of two live owners, the one that registered first keeps it.
    if (this.#hasOtherOwner(existing) && !isLater(existing, record)) throw conflict(this.#key);
    this.#written = record;
    this.#store.put(this.#key, record);
  }

  async keep(signal: AbortSignal): Promise<void> {
    this.#store.sessions += 1;
    try {
      while (!signal.aborted) {
        this.#store.assertConnected(this.#connection);
        this.#assertUnchanged();
        await waitForChange(this.#store, signal);
      }
    } catch (error) {
      this.#written!.isKept = false;
      throw error;
    } finally {
      this.#store.sessions -= 1;
    }
  }

  async markDraining(): Promise<void> {
    this.#store.connect();
    const existing = this.#store.get(this.#key);
    if (existing?.owner !== this.#owner || existing.content instanceof DiscoveryError) return;
    this.#store.put(this.#key, { ...existing, content: { ...existing.content, draining: true } });
  }

  async remove(): Promise<void> {
    this.#store.connect();
    if (this.#store.get(this.#key)?.owner === this.#owner) this.#store.delete(this.#key);
  }

  #assertUnchanged(): void {
    const existing = this.#store.get(this.#key);
    if (existing === this.#written) return;
    if (this.#hasOtherOwner(existing)) throw conflict(this.#key);
    throw new DiscoveryError('REGISTRATION_LOST', `${this.#key} was ${existing ? 'changed' : 'removed'}`);
  }

  #hasOtherOwner(record: MemoryRecord | undefined): record is MemoryRecord {
    return record?.isKept === true && record.owner !== this.#owner;
  }
}

function conflict(key: string): DiscoveryError {
  return new DiscoveryError(
    'CONFLICT',
    `${key} is owned by another instance: use a unique id for each instance`,
  );
}

function isLater({ content: a }: MemoryRecord, { content: b }: MemoryRecord): boolean {
  if (a instanceof DiscoveryError || b instanceof DiscoveryError) return false;
  return a.registeredAt !== undefined && a.registeredAt > (b.registeredAt ?? Infinity);
}
