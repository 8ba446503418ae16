import type { Instance } from '../model/instance.js';

/** The objects that a set has lost and gained. An instance that changed is in both. */
export interface SetChange {
  readonly removed: readonly Instance[];
  readonly added: readonly Instance[];
}

/**
 * The difference between two sets in any order, by identity: fast when both have the same objects in the same order, but for
 * a few.
 */
export function changeOf(before: readonly Instance[], now: readonly Instance[]): SetChange {
  const shorter = Math.min(before.length, now.length);
  let start = 0;
  while (start < shorter && before[start] === now[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  const removed = before.slice(start, before.length - end);
  const added = now.slice(start, now.length - end);
  if (removed.length === 0 || added.length === 0) return { removed, added };
  // A set may contain an object several times.
  const counts = new Map<Instance, number>();
  for (const instance of added) counts.set(instance, (counts.get(instance) ?? 0) + 1);
  const take = (instance: Instance) => {
    const count = counts.get(instance) ?? 0;
    if (count > 0) counts.set(instance, count - 1);
    return count > 0;
  };
  return { removed: removed.filter((instance) => !take(instance)), added: added.filter(take) };
}

/** The change of each service. */
export function byService({ removed, added }: SetChange): Map<string, SetChange> {
  const changes = new Map<string, { removed: Instance[]; added: Instance[] }>();
  const changeOfService = (service: string) => {
    let change = changes.get(service);
    if (!change) changes.set(service, (change = { removed: [], added: [] }));
    return change;
  };
  for (const instance of removed) changeOfService(instance.service).removed.push(instance);
  for (const instance of added) changeOfService(instance.service).added.push(instance);
  return changes;
}
