import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import type { ConsulFormat } from './formats.js';
import { readRecord } from './read-record.js';
import { type ConsulCheckState, type ConsulEntry, maintenanceIdOf } from './wire.js';

/**
 * - `in`: it takes calls. Every check passes or warns.
 * - `draining`: it, or its node, is in maintenance mode: someone takes it out by intent.
 * - `out`: a check is critical: its own, or that of its node.
 */
export type Standing = 'in' | 'draining' | 'out';

export function standingOf(id: string, checks: readonly ConsulCheckState[]): Standing {
  const maintained = ({ CheckID }: ConsulCheckState) =>
    CheckID === maintenanceIdOf(id) || CheckID === '_node_maintenance';
  if (checks.some(maintained)) return 'draining';
  return checks.every(({ Status }) => Status === 'passing' || Status === 'warning') ? 'in' : 'out';
}

/**
 * Turns Consul's entries into instances, and remembers what each record said, so that the next set costs no more than
 * what is new in it: neither a thousand records nor ten thousand unreadable ones are checked again for each change.
 */
export class EntryReader {
  readonly #format: ConsulFormat;
  readonly #rejected: (key: string, reason: DiscoveryError) => void;
  #known = new Map<string, Instance | undefined>();

  constructor(format: ConsulFormat, rejected: (key: string, reason: DiscoveryError) => void) {
    this.#format = format;
    this.#rejected = rejected;
  }

  read(entries: Iterable<ConsulEntry>): Instance[] {
    const known = new Map<string, Instance | undefined>();
    const instances: Instance[] = [];
    for (const entry of entries) {
      try {
        const instance = this.#instance(entry, known);
        if (instance) instances.push(instance);
      } catch (error) {
        const key = `${entry?.Node?.Node}/${entry?.Service?.ID}`;
        this.#rejected(key, DiscoveryError.from(error, 'INVALID_RECORD', 'an entry of Consul'));
      }
    }
    this.#known = known;
    return instances;
  }

  #instance(entry: ConsulEntry, known: Map<string, Instance | undefined>): Instance | undefined {
    const { Node = {}, Service = {}, Checks } = entry;
    const standing = standingOf(Service.ID ?? '', Checks ?? []);
    if (standing === 'out') return undefined;
    const content = JSON.stringify([Node.Address, Service]);
    let instance = this.#known.get(content);
    // Undefined, and remembered as such, for a record that cannot be read: it is reported once.
    known.set(content, instance);
    if (!this.#known.has(content)) {
      instance = readRecord(Service, Node, this.#format);
      known.set(content, instance);
    }
    return instance && standing === 'draining' ? { ...instance, draining: true } : instance;
  }
}
