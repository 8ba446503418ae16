import type { Instance } from '../model/instance.js';
import { compareKeys, type InstanceDiff, type InstanceKey, sameInstance } from '../model/instance-set.js';
import type { SetChange } from './set-change.js';

export interface EditedList {
  readonly instances: readonly Instance[];
  /** Against the list before. Empty when only objects were replaced by equal ones. */
  readonly diff: InstanceDiff;
}

/**
 * Applies a change, of distinct instances, to a normalized set. Only the instances of the change are compared. All
 * other instances are copied, those before the first and after the last change as two blocks.
 */
export function editList(list: readonly Instance[], { removed, added }: SetChange): EditedList {
  const diff = { joined: [] as Instance[], left: [] as Instance[], changed: [] as Instance[] };
  let start: number | undefined;
  let next = 0;
  const edited: Instance[] = [];
  for (const [key, now] of sortedEdits(removed, added)) {
    const end = lowerBound(list, key, next);
    start ??= next = end;
    for (; next < end; next++) edited.push(list[next]!);
    const before = list[next];
    const isListed = before !== undefined && compareKeys(before, key) === 0;
    if (isListed) next += 1;
    if (now) edited.push(now);
    if (!now) {
      if (isListed) diff.left.push(before);
    } else if (!isListed) diff.joined.push(now);
    else if (!sameInstance(before, now)) diff.changed.push(now);
  }
  if (start === undefined) return { instances: list, diff };
  return { instances: list.slice(0, start).concat(edited, list.slice(next)), diff };
}

/** Each instance of the change by its key, once, in order; undefined if it was removed. */
function* sortedEdits(
  removed: readonly Instance[],
  added: readonly Instance[],
): Generator<[key: InstanceKey, now: Instance | undefined]> {
  const gone = removed.toSorted(compareKeys);
  let next = 0;
  for (const instance of added.toSorted(compareKeys)) {
    for (; next < gone.length && compareKeys(gone[next]!, instance) < 0; next++)
      yield [gone[next]!, undefined];
    if (next < gone.length && compareKeys(gone[next]!, instance) === 0) next += 1;
    yield [instance, instance];
  }
  for (; next < gone.length; next++) yield [gone[next]!, undefined];
}

/** The first index, from `start` on, whose instance is not before `key`. */
function lowerBound(list: readonly Instance[], key: InstanceKey, start: number): number {
  if (start === list.length || compareKeys(list[start]!, key) >= 0) return start;
  let [low, high] = [start + 1, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(list[middle]!, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
