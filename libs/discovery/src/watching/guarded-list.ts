import type { Instance } from '../model/instance.js';
import type { InstanceDiff } from '../model/instance-set.js';
import { DistinctInstances } from './distinct-instances.js';
import { editList } from './edit-list.js';
import { byService, changeOf, type SetChange } from './set-change.js';
import { ShrinkGuard, type ShrinkGuardOptions } from './shrink-guard.js';

export interface GuardedUpdate {
  /** What to publish, normalized: what the registry lists, without draining instances, and what is held back. */
  readonly instances: readonly Instance[];
  /** The list before, and what differs from it. */
  readonly before: readonly Instance[];
  readonly diff: InstanceDiff;
  /** Ids of the instances that are held back from now on. */
  readonly newlyHeld: readonly string[];
  /** When to call `reevaluate`, in ms from now; undefined if nothing is held back. */
  readonly reevaluateInMs: number | undefined;
}

/** The instances of one service. */
interface Service {
  readonly distinct: DistinctInstances;
  readonly guard: ShrinkGuard;
  /** Those that stay listed although the registry does not list them. */
  retained: readonly Instance[];
}

const noChange: SetChange = { removed: [], added: [] };

/**
 * The list to publish, of any number of services. Each service has a shrink guard of its own: their removals do not count
 * together. An update costs only what it changes.
 */
export class GuardedList {
  readonly #options: ShrinkGuardOptions | undefined;
  readonly #services = new Map<string, Service>();
  /** Services of which instances are missing. */
  readonly #unsettled = new Set<string>();
  #reported: readonly Instance[] = [];
  /** Not frozen: V8 copies a part of a frozen array 50 times as slowly. */
  #edited: readonly Instance[] = [];
  #instances: readonly Instance[] = Object.freeze([]);

  constructor(options?: ShrinkGuardOptions) {
    this.#options = options;
  }

  /** What the registry listed last, as it is. */
  get reported(): readonly Instance[] {
    return this.#reported;
  }

  /** Frozen. */
  get instances(): readonly Instance[] {
    return this.#instances;
  }

  /** Ids of the instances that stay listed although the registry does not list them. */
  get held(): readonly string[] {
    return [...this.#unsettled].flatMap((name) => this.#services.get(name)!.retained.map(({ id }) => id));
  }

  /**
   * Processes what the registry listed at the monotonic time `now` (ms). An instance that has just disappeared stays listed
   * for at least `graceMs`.
   */
  update(reported: readonly Instance[], now: number, graceMs?: number): GuardedUpdate {
    const changes = new Map<string, SetChange>();
    for (const [name, change] of byService(changeOf(this.#reported, reported))) {
      const { distinct, guard } = this.#service(name);
      const distinctChange = distinct.update(change);
      guard.update(distinctChange, now, graceMs);
      changes.set(name, distinctChange);
    }
    this.#reported = reported;
    return this.#evaluate(changes, now);
  }

  /** The result for the same set at a later time: instances whose hold time is over are removed. */
  reevaluate(now: number): GuardedUpdate {
    return this.#evaluate(new Map(), now);
  }

  #evaluate(changes: ReadonlyMap<string, SetChange>, now: number): GuardedUpdate {
    const edits = { removed: [] as Instance[], added: [] as Instance[] };
    const newlyHeld: string[] = [];
    let reevaluateAt = Infinity;
    for (const name of new Set([...changes.keys(), ...this.#unsettled])) {
      const service = this.#services.get(name)!;
      const { distinct, guard } = service;
      const { removed, added } = changes.get(name) ?? noChange;
      for (const instance of removed) edits.removed.push(instance);
      for (const instance of added) if (!instance.draining) edits.added.push(instance);
      const result = guard.evaluate(now, (missing) => isActive(distinct.atAddressOf(missing)));
      for (const instance of service.retained) edits.removed.push(instance);
      for (const instance of result.retained) edits.added.push(instance);
      for (const id of result.newlyHeld) newlyHeld.push(id);
      reevaluateAt = Math.min(reevaluateAt, result.reevaluateAt);
      service.retained = result.retained;
      if (guard.idle) this.#unsettled.delete(name);
      else this.#unsettled.add(name);
      if (guard.idle && distinct.isEmpty) this.#services.delete(name);
    }
    const before = this.#instances;
    const { instances, diff } = editList(this.#edited, edits);
    if (instances !== this.#edited) this.#instances = Object.freeze(instances.slice());
    this.#edited = instances;
    const reevaluateInMs = reevaluateAt === Infinity ? undefined : Math.max(0, reevaluateAt - now);
    return { instances: this.#instances, before, diff, newlyHeld, reevaluateInMs };
  }

  #service(name: string): Service {
    let service = this.#services.get(name);
    if (!service) {
      service = { distinct: new DistinctInstances(), guard: new ShrinkGuard(this.#options), retained: [] };
      this.#services.set(name, service);
    }
    return service;
  }
}

function isActive(instance: Instance | undefined): boolean {
  return instance !== undefined && !instance.draining;
}
