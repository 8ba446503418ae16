import type { PickerFactory, PickTarget, PickTargets } from './pickers.js';

interface Turn<C extends PickTarget> {
  readonly target: C;
  /** The time between two turns of the target, on a clock on which a call takes the time of one in all weights. */
  readonly interval: number;
  at: number;
}

/**
 * Weighted round robin by earliest deadline first, as in Envoy and grpc-go: an endpoint of weight w has w turns in each unit
 * of a virtual time, at equal distances, so weights 3 and 1 give `a a b a`, not `a a a b`. The next turn is the first of a
 * heap: a pick costs the logarithm of the number of endpoints.
 *
 * The part of the interval that an endpoint still has to wait survives a change in {@link PickTarget.wait}, so that a change of
 * weights carries over one call at most.
 */
export function weighted(): PickerFactory {
  let saveWaits = () => {};
  return <C extends PickTarget>(ready: PickTargets<C>) => {
    saveWaits();
    const turns = ready
      .map((target): Turn<C> => ({ target, interval: 1 / target.weight, at: target.wait / target.weight }))
      // A sorted array is a heap.
      .toSorted((a, b) => a.at - b.at);
    let picked: Turn<C> | undefined;
    saveWaits = () => {
      const now = picked ? picked.at - picked.interval : 0;
      for (const { target, interval, at } of turns) target.wait = (at - now) / interval;
    };
    return () => {
      picked = turns[0]!;
      picked.at += picked.interval;
      siftDown(turns);
      return picked.target;
    };
  };
}

/** Restores the heap after its first turn has become a later one. */
function siftDown(turns: Turn<PickTarget>[]): void {
  const moved = turns[0]!;
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= turns.length) break;
    if (child + 1 < turns.length && turns[child + 1]!.at < turns[child]!.at) child += 1;
    if (turns[child]!.at >= moved.at) break;
    turns[hole] = turns[child]!;
    hole = child;
  }
  turns[hole] = moved;
}
