import { DiscoveryError } from '../model/errors.js';
import { defineInstance, type Instance, type InstanceInit } from '../model/instance.js';
import { isOwner, type Owner } from './owner.js';

/** What a file of the registry says: an instance, and whose it is. */
export interface FileRecord {
  readonly instance: Instance;
  /** Left out by a foreign writer (a shell script, say), whose instance is alive as long as its file is touched. */
  readonly owner?: Owner;
}

const shape = /^(?<service>[a-z0-9-]{1,63})\.[\w.+@-]{1,128}\.json$/;

/**
 * `<service>.<id>.json`. A service has no dot in its name, so `goods` and `goods2` never meet. An id may hold a colon,
 * which a file on Windows may not: it is written as a plus, which an id has not.
 */
export function fileName({ service, id }: Pick<Instance, 'service' | 'id'>): string {
  return `${service}.${id.replaceAll(':', '+')}.json`;
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
    const { instance, owner } = (JSON.parse(text) ?? {}) as { instance?: InstanceInit; owner?: unknown };
    if (typeof instance !== 'object' || instance === null) throw new Error('it names no instance');
    const defined = defineInstance(instance);
    if (fileName(defined) !== name) throw new Error(`it speaks of ${defined.service}/${defined.id}`);
    if (owner !== undefined && !isOwner(owner)) throw new Error('it names an owner that cannot be');
    return { instance: defined, ...(owner && { owner }) };
  } catch (error) {
    throw new DiscoveryError('INVALID_RECORD', `${name}: ${(error as Error).message}`, { cause: error });
  }
}
