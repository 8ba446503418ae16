import type { Instance } from './instance.js';

/**
 * Brings a set as a registry tells it into the one form everything above works on: one instance an id, and one an
 * address, within a service (the newest of each: round_robin would give a repeated address a double share), sorted by
 * service and id.
 */
export function normalizeInstances(instances: readonly Instance[]): readonly Instance[] {
  const sorted = instances.toSorted((a, b) => inOrder(a, b) || seniority(a, b));
  const distinct = sorted.filter(
    (instance, i) => i + 1 === sorted.length || inOrder(instance, sorted[i + 1]!),
  );
  if (new Set(distinct.map(placeOf)).size === distinct.length) return distinct;
  const byAddress = new Map(distinct.toSorted(seniority).map((instance) => [placeOf(instance), instance]));
  return distinct.filter((instance) => byAddress.get(placeOf(instance)) === instance);
}

export interface InstanceDiff {
  readonly joined: readonly Instance[];
  readonly left: readonly Instance[];
  /** As they are now. */
  readonly changed: readonly Instance[];
}

/** What is different between two normalised sets. Instances that are the same object cost next to nothing. */
export function diffInstances(before: readonly Instance[], now: readonly Instance[]): InstanceDiff {
  const joined: Instance[] = [];
  const left: Instance[] = [];
  const changed: Instance[] = [];
  let next = 0;
  for (const instance of now) {
    while (next < before.length && inOrder(before[next]!, instance) < 0) left.push(before[next++]!);
    const other = before[next];
    if (!other || inOrder(other, instance) !== 0) {
      joined.push(instance);
    } else {
      if (!sameInstance(instance, other)) changed.push(instance);
      next += 1;
    }
  }
  return { joined, left: left.concat(before.slice(next)), changed };
}

/** Whether two normalised sets say the same of every instance. */
export function sameInstances(a: readonly Instance[], b: readonly Instance[]): boolean {
  return a.length === b.length && a.every((instance, i) => sameInstance(instance, b[i]!));
}

function sameInstance(a: Instance, b: Instance): boolean {
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

function inOrder(a: Instance, b: Instance): number {
  if (a === b) return 0;
  if (a.service !== b.service) return a.service < b.service ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/** The newest last; of two that do not say when they registered, the later one in the registry's own order. */
function seniority(a: Instance, b: Instance): number {
  return (a.registeredAt ?? 0) - (b.registeredAt ?? 0);
}

/** Made once for each instance: a burst looks at the same thousand again for every few that come. */
const places = new WeakMap<Instance, string>();

function placeOf(instance: Instance): string {
  let place = places.get(instance);
  if (place === undefined) {
    place = `${instance.service} ${instance.host}:${instance.port}`;
    places.set(instance, place);
  }
  return place;
}
