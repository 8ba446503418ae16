import { DiscoveryError } from '../errors.js';
import { defineInstance, type Instance, type InstanceInit, maxRecordBytes } from '../instance.js';
import type { Owner } from './owner.js';

/** What a file of the registry says: an instance, and whose it is. */
export interface FileRecord {
  readonly instance: Instance;
  readonly owner: Owner;
}

const shape = /^(?<service>[a-z0-9-]+)\.(?<id>[^/]+)\.json$/;

/** `<service>.<id>.json`. A service has no dot in its name, so `goods` and `goods2` never meet. */
export function fileName({ service, id }: Pick<Instance, 'service' | 'id'>): string {
  return `${service}.${encodeURIComponent(id)}.json`;
}

/** The service a file's name speaks of, or undefined for a file that is not ours. */
export function serviceOf(name: string): string | undefined {
  return shape.exec(name)?.groups?.['service'];
}

export function encode(record: FileRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** @throws {DiscoveryError} INVALID_RECORD. */
export function decode(name: string, text: string): FileRecord {
  try {
    if (text.length > 2 * maxRecordBytes)
      throw new Error(`${text.length} characters are more than a record may have`);
    const { instance, owner } = JSON.parse(text) as { instance?: InstanceInit; owner?: Partial<Owner> };
    if (typeof owner?.pid !== 'number' || typeof owner.where !== 'string')
      throw new Error('it names no owner');
    if (typeof instance !== 'object' || instance === null) throw new Error('it names no instance');
    const defined = defineInstance(instance);
    if (fileName(defined) !== name) throw new Error(`it speaks of ${defined.service}/${defined.id}`);
    const { pid, where, startedAt } = owner;
    return { instance: defined, owner: { pid, where, ...(typeof startedAt === 'number' && { startedAt }) } };
  } catch (error) {
    throw DiscoveryError.from(error, 'INVALID_RECORD', name);
  }
}
