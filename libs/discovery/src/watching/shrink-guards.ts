import type { Instance } from '../model/instance.js';
import { type GuardedSet, ShrinkGuard, type ShrinkGuardOptions } from './shrink-guard.js';

/** A shrink guard for each service, for sets of any number of services: their removals do not count together. */
export class ShrinkGuards {
  readonly #options: ShrinkGuardOptions | undefined;
  readonly #guards = new Map<string, ShrinkGuard>();

  constructor(options?: ShrinkGuardOptions) {
    this.#options = options;
  }

  get held(): readonly string[] {
    return [...this.#guards.values()].flatMap((guard) => guard.held);
  }

  update(listed: readonly Instance[], now: number, graceMs?: number): GuardedSet {
    const byService = new Map<string, readonly Instance[]>();
    for (let start = 0, end = 0; start < listed.length; start = end) {
      const { service } = listed[start]!;
      while (listed[end]?.service === service) end += 1;
      byService.set(service, listed.slice(start, end));
      if (!this.#guards.has(service)) this.#guards.set(service, new ShrinkGuard(this.#options));
    }
    return this.#evaluateAll((guard, service) => guard.update(byService.get(service) ?? [], now, graceMs));
  }

  reevaluate(now: number): GuardedSet {
    return this.#evaluateAll((guard) => guard.reevaluate(now));
  }

  #evaluateAll(evaluate: (guard: ShrinkGuard, service: string) => GuardedSet): GuardedSet {
    const results: GuardedSet[] = [];
    // Sorted, because the concatenation of normalized sets is normalized only in this order.
    for (const service of [...this.#guards.keys()].toSorted()) {
      const guard = this.#guards.get(service)!;
      results.push(evaluate(guard, service));
      if (guard.idle) this.#guards.delete(service);
    }
    const firstInMs = results.reduce(
      (first, { reevaluateInMs = Infinity }) => Math.min(first, reevaluateInMs),
      Infinity,
    );
    return {
      instances: results.length === 1 ? results[0]!.instances : results.flatMap(({ instances }) => instances),
      newlyHeld: results.flatMap(({ newlyHeld }) => newlyHeld),
      reevaluateInMs: firstInMs === Infinity ? undefined : firstInMs,
    };
  }
}
