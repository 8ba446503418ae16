import { EventEmitter } from 'node:events';
import type { Backend, ObservedSet, ObserveSession, OwnRecord } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance, type Instance } from '../model/instance.js';
import { sleep } from '../runtime/timers.js';
import { waitForChange } from '../runtime/wait-for-change.js';

/** Defects of a backend. Each was found in a released one. */
export type Defect =
  | 'write: a field is missing'
  | 'write: resolves before others see the record'
  | 'write: the last writer of an id wins'
  | 'write: does not take back a record that was overwritten'
  | 'write: deletes the old record first'
  | 'write: ignores a change of its own record'
  | 'keep: does not notice that the record was deleted'
  | 'keep: leaves a listener on its signal'
  | 'markDraining: does nothing'
  | 'remove: never ends'
  | 'remove: does nothing'
  | 'observe: yields nothing until there is an instance'
  | 'observe: matches by prefix'
  | 'observe: begins empty'
  | 'observe: misses changes while its consumer is busy'
  | 'observe: an unreadable record ends it'
  | 'observe: does not report an unreadable record'
  | 'observe: an abort is an error'
  | 'observe: an abort ends every session'
  | 'observe: the catalogue is a snapshot'
  | 'all: hang when the registry is unavailable'
  | 'all: throw errors other than DiscoveryError';

interface ToyText {
  readonly instance: Instance;
  readonly owner: number;
}

/** The registry of a third party: a map of JSON records. */
export class ToyRegistry extends EventEmitter<{ change: [] }> {
  readonly texts = new Map<string, string>();
  isAvailable = true;
  revision = 0;

  /** A minimal backend, with `defect`. */
  open(defect?: Defect): Backend {
    return new ToyBackend(this, defect);
  }

  put(key: string, text: string): void {
    this.texts.set(key, text);
    this.changed();
  }

  delete(key: string): void {
    this.texts.delete(key);
    this.changed();
  }

  changed(): void {
    this.revision += 1;
    this.emit('change');
  }
}

let lastOwner = 0;

class ToyBackend implements Backend {
  readonly scheme = 'toy';
  readonly location = 'toy://';
  readonly #registry: ToyRegistry;
  readonly #owner = ++lastOwner;
  readonly #defect: Defect | undefined;
  #hasStopped = false;

  constructor(registry: ToyRegistry, defect: Defect | undefined) {
    this.#registry = registry;
    this.#defect = defect;
  }

  ownRecord({ service, id }: Instance): OwnRecord {
    const key = keyOf({ service, id });
    const { texts } = this.#registry;
    const read = () => JSON.parse(texts.get(key) ?? '{}') as Partial<ToyText>;
    const isOurs = () => read().owner === this.#owner;
    const put = (instance: Instance) =>
      this.#registry.put(key, JSON.stringify({ instance, owner: this.#owner }));
    return {
      write: async (instance, signal) => {
        await this.#assertAvailable(signal);
        const { instance: existing } = read();
        const isFirst = (existing?.registeredAt ?? 0) > (instance.registeredAt ?? 0);
        const takesBack = isFirst && !this.#has('write: does not take back a record that was overwritten');
        if (existing && !isOurs() && !takesBack && !this.#has('write: the last writer of an id wins'))
          throw new DiscoveryError('CONFLICT', key);
        if (this.#has('write: deletes the old record first')) {
          this.#registry.delete(key);
          await sleep(5);
        }
        if (isOurs() && this.#has('write: ignores a change of its own record')) return;
        const written = this.#has('write: a field is missing') ? { ...instance, tags: [] } : instance;
        if (this.#has('write: resolves before others see the record')) setTimeout(() => put(written), 20);
        else put(written);
      },
      keep: async (signal) => {
        if (this.#has('keep: leaves a listener on its signal')) signal.addEventListener('abort', () => {});
        while (!signal.aborted) {
          await this.#assertAvailable(signal);
          const { owner } = read();
          if (owner === undefined && !this.#has('keep: does not notice that the record was deleted'))
            throw new DiscoveryError('REGISTRATION_LOST', key);
          if (owner !== undefined && owner !== this.#owner) throw new DiscoveryError('CONFLICT', key);
          await waitForChange(this.#registry, signal);
        }
      },
      markDraining: async (signal) => {
        await this.#assertAvailable(signal);
        const { instance } = read();
        if (instance && isOurs() && !this.#has('markDraining: does nothing'))
          put({ ...instance, draining: true });
      },
      remove: async (signal) => {
        await this.#assertAvailable(signal);
        if (this.#has('remove: never ends')) await new Promise(() => {});
        if (isOurs() && !this.#has('remove: does nothing')) this.#registry.delete(key);
      },
    };
  }

  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(this.#has('observe: matches by prefix') ? service : `${service}/`, session);
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe('', session);
  }

  async close(): Promise<void> {}

  #has(defect: Defect): boolean {
    return this.#defect === defect;
  }

  async *#observe(prefix: string, { signal, rejected }: ObserveSession): AsyncIterable<ObservedSet> {
    let seen = -1;
    while (!signal.aborted && !(this.#hasStopped && this.#has('observe: an abort ends every session'))) {
      await this.#assertAvailable(signal);
      const isSnapshot = prefix === '' && this.#has('observe: the catalogue is a snapshot');
      if (seen === this.#registry.revision || (seen >= 0 && isSnapshot)) {
        await waitForChange(this.#registry, signal);
        continue;
      }
      const isFirst = seen === -1;
      seen = this.#registry.revision;
      const instances = [...this.#read(prefix, rejected)];
      if (isFirst && this.#has('observe: begins empty')) yield { instances: [] };
      const isLazy = this.#has('observe: yields nothing until there is an instance');
      if (isFirst && instances.length === 0 && isLazy) continue;
      yield { instances };
      if (this.#has('observe: misses changes while its consumer is busy')) seen = this.#registry.revision;
    }
    this.#hasStopped = true;
    this.#registry.emit('change');
    if (this.#has('observe: an abort is an error')) throw new DiscoveryError('CLOSED', prefix);
  }

  *#read(prefix: string, rejected: ObserveSession['rejected']): Iterable<Instance> {
    for (const [key, text] of this.#registry.texts) {
      if (!key.startsWith(prefix)) continue;
      try {
        yield defineInstance((JSON.parse(text) as ToyText).instance);
      } catch (error) {
        const reason = DiscoveryError.from(error, 'INVALID_RECORD', key);
        if (this.#has('observe: an unreadable record ends it')) throw reason;
        if (!this.#has('observe: does not report an unreadable record')) rejected(key, reason);
      }
    }
  }

  async #assertAvailable(signal: AbortSignal): Promise<void> {
    while (!this.#registry.isAvailable && !signal.aborted) {
      if (this.#has('all: throw errors other than DiscoveryError')) throw new Error('ECONNREFUSED');
      if (!this.#has('all: hang when the registry is unavailable'))
        throw new DiscoveryError('REGISTRY_UNAVAILABLE', 'toy');
      await waitForChange(this.#registry, signal);
    }
  }
}

export function keyOf({ service, id }: Pick<Instance, 'service' | 'id'>): string {
  return `${service}/${id}`;
}
