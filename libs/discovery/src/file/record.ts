import { DiscoveryError } from '../model/errors.js';
import { instanceOfRecord, type Instance, type InstanceInit } from '../model/instance.js';
import { isOwner, type Owner } from './owner.js';

/** The content of a file of the registry. */
export interface FileRecord {
  readonly instance: Instance;
  /** Absent for other writers, such as a shell script; then the instance is alive while its file is touched. */
  readonly owner?: Owner;
}

const shape = /^(?<service>(?:[a-z0-9-]|%[0-9a-f]{2})+)\.[\w.+@-]{1,128}\.json$/;

/**
 * `<service>.<id>.json`. A service name is encoded where it holds more than letters, digits and hyphens, so `goods` never matches
 * `goods2` or `goods.v2`. A colon in an id is written as a plus, which ids cannot contain, because Windows does not allow colons.
 */
export function fileName({ service, id }: Pick<Instance, 'service' | 'id'>): string {
  const encoded = service.replaceAll(/[^a-z0-9-]/gu, (character) =>
    Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return `${encoded}.${id.replaceAll(':', '+')}.json`;
}

/** The service in a file name; undefined for a file that is not a record. */
export function serviceOf(name: string): string | undefined {
  const service = shape.exec(name)?.groups?.['service'];
  if (!service?.includes('%')) return service;
  try {
    return decodeURIComponent(service);
  } catch {
    return undefined;
  }
}

export function encode(record: FileRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** @throws {DiscoveryError} INVALID_RECORD. */
export function decode(name: string, text: string): FileRecord {
  try {
    const { instance, owner } = (JSON.parse(text) ?? {}) as { instance?: InstanceInit; owner?: unknown };
    if (typeof instance !== 'object' || instance === null) throw new Error('it has no instance');
    const defined = instanceOfRecord(instance);
    if (fileName(defined) !== name) throw new Error(`it contains ${defined.service}/${defined.id}`);
    if (owner !== undefined && !isOwner(owner)) throw new Error('it has an invalid owner');
    return { instance: defined, ...(owner && { owner }) };
  } catch (error) {
    throw new DiscoveryError('INVALID_RECORD', `${name}: ${(error as Error).message}`, { cause: error });
  }
}
