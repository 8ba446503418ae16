import { addressOf, type Instance } from './instance.js';

/**
 * Brings a set as a registry tells it into the one form everything above works on: one instance an id, and one an
 * address within a service (the newest of each: round_robin would give a repeated address a double share), sorted by
 * id.
 */
export function normalise(instances: Iterable<Instance>): Instance[] {
  const byId = new Map<string, Instance>();
  for (const instance of instances) keepNewest(byId, instance.id, instance);
  const byAddress = new Map<string, Instance>();
  for (const instance of byId.values())
    keepNewest(byAddress, `${instance.service} ${addressOf(instance)}`, instance);
  return [...byAddress.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function keepNewest(map: Map<string, Instance>, key: string, instance: Instance): void {
  const other = map.get(key);
  if (!other || (instance.registeredAt ?? 0) >= (other.registeredAt ?? 0)) map.set(key, instance);
}

/** Whether two normalised sets say the same of every instance. */
export function sameInstances(a: readonly Instance[], b: readonly Instance[]): boolean {
  return a.length === b.length && a.every((instance, i) => sameInstance(instance, b[i]!));
}

export function sameInstance(a: Instance, b: Instance): boolean {
  return (
    a === b ||
    (a.id === b.id &&
      a.service === b.service &&
      a.host === b.host &&
      a.port === b.port &&
      a.weight === b.weight &&
      a.version === b.version &&
      a.zone === b.zone &&
      a.protocol === b.protocol &&
      a.draining === b.draining &&
      a.registeredAt === b.registeredAt &&
      a.tags.length === b.tags.length &&
      a.tags.every((tag, i) => tag === b.tags[i]) &&
      sameMetadata(a.metadata, b.metadata))
  );
}

function sameMetadata(a: Instance['metadata'], b: Instance['metadata']): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
