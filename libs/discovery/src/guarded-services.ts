import type { Instance } from './instance.js';
import { type Guarded, ShrinkGuard, type ShrinkGuardOptions } from './shrink-guard.js';

/** A guard for each service: that one service went away says nothing of the others. */
export class GuardedServices {
  readonly #options: ShrinkGuardOptions | undefined;
  readonly #guards = new Map<string, ShrinkGuard>();

  constructor(options?: ShrinkGuardOptions) {
    this.#options = options;
    // Checks the options now, not when the first instance comes.
    void new ShrinkGuard(options);
  }

  /** Ids that are in the list although the registry does not name them. */
  get held(): readonly string[] {
    return [...this.#guards.values()].flatMap((guard) => guard.held);
  }

  /** As `ShrinkGuard.admit`, for the instances of any number of services. */
  admit(told: readonly Instance[], now: number): Guarded {
    const byService = new Map<string, Instance[]>();
    for (const instance of told) {
      const others = byService.get(instance.service);
      if (others) others.push(instance);
      else byService.set(instance.service, [instance]);
    }
    for (const service of byService.keys()) {
      if (!this.#guards.has(service)) this.#guards.set(service, new ShrinkGuard(this.#options));
    }
    return this.#all((guard, service) => guard.admit(byService.get(service) ?? [], now));
  }

  /** As `ShrinkGuard.review`. */
  review(now: number): Guarded {
    return this.#all((guard) => guard.review(now));
  }

  #all(ask: (guard: ShrinkGuard, service: string) => Guarded): Guarded {
    const answers: Guarded[] = [];
    for (const [service, guard] of this.#guards) {
      answers.push(ask(guard, service));
      if (guard.idle) this.#guards.delete(service);
    }
    const reviews = answers.map(({ reviewInMs }) => reviewInMs).filter((ms) => ms !== undefined);
    return {
      instances: answers.flatMap(({ instances }) => instances),
      newlyHeld: answers.flatMap(({ newlyHeld }) => newlyHeld),
      reviewInMs: reviews.length === 0 ? undefined : Math.min(...reviews),
    };
  }
}
