import type { Instance } from '../model/instance.js';
import { type GuardedSet, ShrinkGuard, type ShrinkGuardOptions } from './shrink-guard.js';

/** A guard for each service: that one service went away says nothing of the others. */
export class ShrinkGuards {
  readonly #options: ShrinkGuardOptions | undefined;
  readonly #guards = new Map<string, ShrinkGuard>();

  constructor(options?: ShrinkGuardOptions) {
    this.#options = options;
  }

  /** Ids that are in the list although the registry does not name them. */
  get held(): readonly string[] {
    return [...this.#guards.values()].flatMap((guard) => guard.held);
  }

  /** As `ShrinkGuard.admit`, for a normalised set of any number of services. */
  admit(told: readonly Instance[], now: number, settle?: number): GuardedSet {
    const byService = new Map<string, readonly Instance[]>();
    for (let start = 0, end = 0; start < told.length; start = end) {
      const { service } = told[start]!;
      while (told[end]?.service === service) end += 1;
      byService.set(service, told.slice(start, end));
      if (!this.#guards.has(service)) this.#guards.set(service, new ShrinkGuard(this.#options));
    }
    return this.#all((guard, service) => guard.admit(byService.get(service) ?? [], now, settle));
  }

  /** As `ShrinkGuard.review`. */
  review(now: number): GuardedSet {
    return this.#all((guard) => guard.review(now));
  }

  #all(ask: (guard: ShrinkGuard, service: string) => GuardedSet): GuardedSet {
    const answers: GuardedSet[] = [];
    // In order, so that what is put together is normalised as its parts are.
    for (const service of [...this.#guards.keys()].toSorted()) {
      const guard = this.#guards.get(service)!;
      answers.push(ask(guard, service));
      if (guard.idle) this.#guards.delete(service);
    }
    const reviews = answers.map(({ reviewInMs }) => reviewInMs).filter((ms) => ms !== undefined);
    return {
      instances: answers.length === 1 ? answers[0]!.instances : answers.flatMap(({ instances }) => instances),
      newlyHeld: answers.flatMap(({ newlyHeld }) => newlyHeld),
      reviewInMs: reviews.length === 0 ? undefined : Math.min(...reviews),
    };
  }
}
