import { EventEmitter } from 'node:events';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';

export interface MemoryRecord {
  readonly service: string;
  readonly content: Instance | DiscoveryError;
  /** The handle that wrote it; absent for `MemoryRegistry.put`. */
  readonly owner?: object;
  /** Whether its owner keeps it alive: false once the session that wrote it has failed. */
  isKept: boolean;
}

/** The records, and whether they are available. */
export class MemoryStore extends EventEmitter<{ change: [] }> {
  readonly #records = new Map<string, MemoryRecord>();
  /** Open sessions. */
  sessions = 0;
  #revision = 0;
  #isUnavailable = false;
  #outages = 0;

  constructor() {
    super();
    this.setMaxListeners(0);
  }

  get revision(): number {
    return this.#revision;
  }

  get isUnavailable(): boolean {
    return this.#isUnavailable;
  }

  set isUnavailable(isUnavailable: boolean) {
    if (isUnavailable && !this.#isUnavailable) this.#outages += 1;
    this.#isUnavailable = isUnavailable;
    this.#changed();
  }

  get(key: string): MemoryRecord | undefined {
    return this.#records.get(key);
  }

  put(key: string, record: MemoryRecord): void {
    this.#records.set(key, record);
    this.#changed();
  }

  delete(key: string): void {
    if (this.#records.delete(key)) this.#changed();
  }

  clear(): void {
    this.#records.clear();
    this.#changed();
  }

  instances(service?: string): Instance[] {
    const found: Instance[] = [];
    for (const record of this.#records.values()) {
      if (service !== undefined && service !== record.service) continue;
      if (!(record.content instanceof DiscoveryError)) found.push(record.content);
    }
    return found;
  }

  unreadable(service?: string): [key: string, reason: DiscoveryError][] {
    const found: [string, DiscoveryError][] = [];
    for (const [key, record] of this.#records) {
      if (service !== undefined && service !== record.service) continue;
      if (record.content instanceof DiscoveryError) found.push([key, record.content]);
    }
    return found;
  }

  /** Returns a connection, which the next outage breaks. @throws {DiscoveryError} REGISTRY_UNAVAILABLE during an outage. */
  connect(): number {
    if (this.#isUnavailable) throw unavailable();
    return this.#outages;
  }

  /** @throws {DiscoveryError} REGISTRY_UNAVAILABLE if there was an outage since `connection` was made. */
  assertConnected(connection: number): void {
    if (this.connect() !== connection) throw unavailable();
  }

  #changed(): void {
    this.#revision += 1;
    this.emit('change');
  }
}

function unavailable(): DiscoveryError {
  return new DiscoveryError('REGISTRY_UNAVAILABLE', 'the registry in memory is unavailable');
}

export function keyOf({ service, id }: Pick<Instance, 'service' | 'id'>): string {
  return `${service}/${id}`;
}
