import { EventEmitter } from 'node:events';
import {
  type AnnounceSession,
  type Backend,
  drainingVisibleMs,
  type ObservedSet,
  type ObserveSession,
} from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance, type Instance } from '../model/instance.js';
import { waitForChange } from '../runtime/wait-for-change.js';
import { sleep } from '../runtime/timers.js';

/** What can be wrong with a backend, each of which has been wrong with a shipped one. */
export type Defect =
  | 'announce: a field is forgotten'
  | 'announce: says it is registered too early'
  | 'announce: says it is registered with every heartbeat'
  | 'announce: leaves without a mark'
  | 'announce: never leaves'
  | 'announce: stays when it leaves early'
  | 'announce: does not notice that its record was deleted'
  | 'announce: ends without a word when its record was deleted'
  | 'announce: the last writer of an id wins'
  | 'announce: a stranger keeps what he overwrote'
  | 'announce: deletes its old record first'
  | 'announce: listens for ever'
  | 'observe: says nothing until there is something'
  | 'observe: reads by prefix'
  | 'observe: begins empty'
  | 'observe: forgets changes while its consumer is busy'
  | 'observe: one junk record ends it'
  | 'observe: junk goes unreported'
  | 'observe: an abort is an error'
  | 'observe: an abort ends every look'
  | 'observe: the catalogue is a snapshot'
  | 'both: hang when the registry is away'
  | 'both: throw what is no DiscoveryError';

/**
 * A third party's registry: a map of JSON texts. Its backend is as short as one can write it, and as wrong as one asks.
 */
export class ToyRegistry extends EventEmitter<{ change: [] }> {
  readonly texts = new Map<string, string>();
  away = false;
  revision = 0;

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

interface ToyText {
  readonly instance: Instance;
  readonly owner: number;
}

let lastOwner = 0;

class ToyBackend implements Backend {
  readonly scheme = 'toy';
  readonly location = 'toy://';
  readonly #registry: ToyRegistry;
  readonly #owner = ++lastOwner;
  readonly #defect: Defect | undefined;
  #stopped = false;

  constructor(registry: ToyRegistry, defect: Defect | undefined) {
    this.#registry = registry;
    this.#defect = defect;
  }

  async announce(instance: Instance, { signal, registered }: AnnounceSession): Promise<void> {
    const key = keyOf(instance);
    if (this.#has('announce: says it is registered too early')) {
      registered();
      await sleep(20);
    }
    await Promise.resolve();
    if (signal.aborted && !this.#has('announce: stays when it leaves early')) return;
    await this.#write(key, instance, signal);
    if (signal.aborted) return;
    if (!this.#has('announce: says it is registered too early')) registered();
    if (this.#has('announce: listens for ever')) signal.addEventListener('abort', () => {});
    while (!signal.aborted && (await this.#isOurs(key, signal))) {
      if (this.#has('announce: says it is registered with every heartbeat')) registered();
      await waitForChange(this.#registry, signal);
    }
    if (this.#has('announce: never leaves')) await new Promise(() => {});
    await this.#leave(key, instance);
  }

  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
    if (this.#has('observe: reads by prefix')) return this.#observe(service, session);
    return this.#observe(`${service}/`, session);
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe('', session);
  }

  async close(): Promise<void> {}

  #has(defect: Defect): boolean {
    return this.#defect === defect;
  }

  async #write(key: string, instance: Instance, signal: AbortSignal): Promise<void> {
    await this.#reach(signal);
    const existing = this.#registry.texts.get(key);
    const other = existing === undefined ? undefined : (JSON.parse(existing) as ToyText);
    const isFirst = (other?.instance.registeredAt ?? 0) > (instance.registeredAt ?? 0);
    const mayTake = isFirst && !this.#has('announce: a stranger keeps what he overwrote');
    const ours = !other || other.owner === this.#owner || mayTake;
    if (!ours && !this.#has('announce: the last writer of an id wins'))
      throw new DiscoveryError('CONFLICT', key);
    if (this.#has('announce: deletes its old record first')) {
      this.#registry.delete(key);
      await sleep(5);
    }
    const written = this.#has('announce: a field is forgotten') ? { ...instance, tags: [] } : instance;
    this.#registry.put(key, JSON.stringify({ instance: written, owner: this.#owner }));
  }

  async #isOurs(key: string, signal: AbortSignal): Promise<boolean> {
    await this.#reach(signal);
    const text = this.#registry.texts.get(key);
    if (text === undefined) {
      if (this.#has('announce: does not notice that its record was deleted')) return true;
      if (this.#has('announce: ends without a word when its record was deleted')) return false;
      throw new DiscoveryError('REGISTRATION_LOST', key);
    }
    if ((JSON.parse(text) as ToyText).owner !== this.#owner) throw new DiscoveryError('CONFLICT', key);
    return true;
  }

  async #leave(key: string, instance: Instance): Promise<void> {
    if (!this.#registry.texts.has(key)) return;
    if (!this.#has('announce: leaves without a mark')) {
      const leaving = { instance: { ...instance, draining: true }, owner: this.#owner };
      this.#registry.put(key, JSON.stringify(leaving));
      await sleep(drainingVisibleMs);
    }
    this.#registry.delete(key);
  }

  async *#observe(prefix: string, { signal, rejected }: ObserveSession): AsyncIterable<ObservedSet> {
    let seen = -1;
    while (!signal.aborted && !(this.#stopped && this.#has('observe: an abort ends every look'))) {
      await this.#reach(signal);
      const isSnapshot = prefix === '' && this.#has('observe: the catalogue is a snapshot');
      if (seen === this.#registry.revision || (seen >= 0 && isSnapshot)) {
        await waitForChange(this.#registry, signal);
        continue;
      }
      const isFirst = seen === -1;
      seen = this.#registry.revision;
      const instances = [...this.#read(prefix, rejected)];
      if (isFirst && this.#has('observe: begins empty')) yield { instances: [] };
      if (isFirst && instances.length === 0 && this.#has('observe: says nothing until there is something'))
        continue;
      yield { instances };
      if (this.#has('observe: forgets changes while its consumer is busy')) seen = this.#registry.revision;
    }
    this.#stopped = true;
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
        if (this.#has('observe: one junk record ends it')) throw reason;
        if (!this.#has('observe: junk goes unreported')) rejected(key, reason);
      }
    }
  }

  async #reach(signal: AbortSignal): Promise<void> {
    while (this.#registry.away && !signal.aborted) {
      if (this.#has('both: throw what is no DiscoveryError')) throw new Error('ECONNREFUSED');
      if (!this.#has('both: hang when the registry is away'))
        throw new DiscoveryError('REGISTRY_UNAVAILABLE', 'toy');
      await waitForChange(this.#registry, signal);
    }
  }
}

export function keyOf({ service, id }: Pick<Instance, 'service' | 'id'>): string {
  return `${service}/${id}`;
}
