import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import type { ConsulFormat } from './formats.js';
import { readRecord } from './read-record.js';
import { type ConsulCheckState, type ConsulEntry, maintenanceIdOf } from './api-types.js';

/**
 * - `healthy`: every check is passing or warning.
 * - `draining`: the service or its node is in maintenance mode.
 * - `critical`: a check of the service or its node is critical.
 */
export type Health = 'healthy' | 'draining' | 'critical';

export function healthOf(id: string, checks: readonly ConsulCheckState[]): Health {
  const isMaintenance = ({ CheckID }: ConsulCheckState) =>
    CheckID === maintenanceIdOf(id) || CheckID === '_node_maintenance';
  if (checks.some(isMaintenance)) return 'draining';
  return checks.every(({ Status }) => Status === 'passing' || Status === 'warning') ? 'healthy' : 'critical';
}

/**
 * Converts Consul's entries to instances. Caches each record, so that a new set costs only its changed records, readable or
 * not.
 */
export class EntryReader {
  readonly #format: ConsulFormat;
  readonly #rejected: (key: string, reason: DiscoveryError) => void;
  #cache = new Map<string, Instance | undefined>();

  constructor(format: ConsulFormat, rejected: (key: string, reason: DiscoveryError) => void) {
    this.#format = format;
    this.#rejected = rejected;
  }

  read(entries: Iterable<ConsulEntry>): Instance[] {
    const cache = new Map<string, Instance | undefined>();
    const instances: Instance[] = [];
    for (const entry of entries) {
      try {
        const instance = this.#instance(entry, cache);
        if (instance) instances.push(instance);
      } catch (error) {
        const key = `${entry?.Node?.Node}/${entry?.Service?.ID}`;
        this.#rejected(key, DiscoveryError.from(error, 'INVALID_RECORD', key));
      }
    }
    this.#cache = cache;
    return instances;
  }

  #instance(entry: ConsulEntry, cache: Map<string, Instance | undefined>): Instance | undefined {
    const { Node = {}, Service = {}, Checks } = entry;
    const health = healthOf(Service.ID ?? '', Checks ?? []);
    if (health === 'critical') return undefined;
    const content = JSON.stringify([Node.Address, Service]);
    let instance = this.#cache.get(content);
    // An unreadable record is cached as undefined, so that it is reported once.
    cache.set(content, instance);
    if (!this.#cache.has(content)) {
      instance = readRecord(Service, Node, this.#format);
      cache.set(content, instance);
    }
    return instance && health === 'draining' ? { ...instance, draining: true } : instance;
  }
}
