import type { Instance } from './instance.js';

export type InstanceKey = Pick<Instance, 'service' | 'id'>;

/**
 * Sorts a set by service and id, and removes duplicates: of the instances of a service with the same id, or the same
 * address, only the newest stays. (round_robin would give a duplicate address a double share.)
 */
export function normalizeInstances(instances: readonly Instance[]): readonly Instance[] {
  const sorted = instances.toSorted((a, b) => compareKeys(a, b) || compareAge(a, b));
  const distinct = sorted.filter(
    (instance, i) => i + 1 === sorted.length || compareKeys(instance, sorted[i + 1]!),
  );
  if (new Set(distinct.map(addressKeyOf)).size === distinct.length) return distinct;
  const byAddress = new Map(
    distinct.toSorted(compareAge).map((instance) => [addressKeyOf(instance), instance]),
  );
  return distinct.filter((instance) => byAddress.get(addressKeyOf(instance)) === instance);
}

export interface InstanceDiff {
  readonly joined: readonly Instance[];
  readonly left: readonly Instance[];
  /** In their new version. */
  readonly changed: readonly Instance[];
}

export function isEmptyDiff({ joined, left, changed }: InstanceDiff): boolean {
  return joined.length === 0 && left.length === 0 && changed.length === 0;
}

/** The difference between two normalized sets. Identical objects are compared by reference, which is fast. */
export function diffInstances(before: readonly Instance[], now: readonly Instance[]): InstanceDiff {
  const joined: Instance[] = [];
  const left: Instance[] = [];
  const changed: Instance[] = [];
  let next = 0;
  for (const instance of now) {
    while (next < before.length && compareKeys(before[next]!, instance) < 0) left.push(before[next++]!);
    const other = before[next];
    if (!other || compareKeys(other, instance) !== 0) {
      joined.push(instance);
    } else {
      if (!sameInstance(instance, other)) changed.push(instance);
      next += 1;
    }
  }
  return { joined, left: left.concat(before.slice(next)), changed };
}

/** Whether two normalized sets are equal. */
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

/** By service and id, the order of a normalized set. */
export function compareKeys(a: InstanceKey, b: InstanceKey): number {
  if (a === b) return 0;
  if (a.service !== b.service) return a.service < b.service ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/** Newest last. Instances without `registeredAt` keep the registry's order. */
export function compareAge(a: Instance, b: Instance): number {
  return (a.registeredAt ?? 0) - (b.registeredAt ?? 0);
}

/** Unlike `addressOf`, not for people: services may have the same address. */
function addressKeyOf({ service, host, port }: Instance): string {
  return `${service} ${host}:${port}`;
}
