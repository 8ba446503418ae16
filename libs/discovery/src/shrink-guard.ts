import { DiscoveryError } from './errors.js';
import type { Instance } from './instance.js';
import { difference, normalise } from './instance-set.js';

/**
 * A removal of most of a service is more often a wrong registry than a wrong world: records wiped by hand, a store
 * that came back empty, every lease lapsed while the CPU was starved. Instances that go missing that way stay in the
 * list for a bounded time, and the state of the connection decides meanwhile: round_robin does not pick an endpoint
 * that does not connect. An instance that said it drains goes at once.
 */
export interface ShrinkGuardOptions {
  /**
   * Share of a service's instances, 0 to 1, that may go missing within {@link windowMs} and be believed. Default 0.5:
   * one of two may go, one of one may not. 1 switches the guard off.
   */
  readonly maxShrink?: number;
  /** How long missing instances are held, in ms. Default 30,000. Scale to zero is seen after this time. */
  readonly holdMs?: number;
  /** Removals that lie closer together than this count as one, in ms. Default 5,000. */
  readonly windowMs?: number;
}

interface Missing {
  readonly instance: Instance;
  /** Monotonic, in ms. */
  readonly since: number;
  held: boolean;
}

export interface Guarded {
  /** What to publish: the live instances and those held, normalised. */
  readonly instances: readonly Instance[];
  /** Ids that were taken into custody by this call. */
  readonly newlyHeld: readonly string[];
  /** When to ask again, in ms from now; undefined when nothing is held. */
  readonly reviewInMs: number | undefined;
}

export class ShrinkGuard {
  readonly #maxShrink: number;
  readonly #holdMs: number;
  readonly #windowMs: number;
  /** What the registry said last, without those that drain. */
  #live: readonly Instance[] = [];
  /** Ids whose leaving was announced. */
  #leaving: ReadonlySet<string> = new Set();
  readonly #missing = new Map<string, Missing>();

  constructor({ maxShrink = 0.5, holdMs = 30_000, windowMs = 5_000 }: ShrinkGuardOptions = {}) {
    if (!(maxShrink >= 0 && maxShrink <= 1)) {
      throw new DiscoveryError(
        'INVALID_OPTION',
        `maxShrink ${maxShrink} is not usable; use a share from 0 to 1`,
      );
    }
    if (!(holdMs >= 0))
      throw new DiscoveryError('INVALID_OPTION', `holdMs ${holdMs} is not usable; use 0 ms or more`);
    if (!(windowMs >= 0))
      throw new DiscoveryError('INVALID_OPTION', `windowMs ${windowMs} is not usable; use 0 ms or more`);
    this.#maxShrink = maxShrink;
    this.#holdMs = holdMs;
    this.#windowMs = windowMs;
  }

  /** Ids that are in the list although the registry does not name them. */
  get held(): readonly string[] {
    return [...this.#missing].filter(([, missing]) => missing.held).map(([id]) => id);
  }

  /** Whether it has nothing to remember: it may be forgotten. */
  get idle(): boolean {
    return this.#live.length === 0 && this.#missing.size === 0 && this.#leaving.size === 0;
  }

  /**
   * Takes a normalised set of one service as the registry tells it, at the monotonic time `now` (ms), and says what to
   * publish.
   */
  admit(told: readonly Instance[], now: number): Guarded {
    const leaving = new Set(told.filter(({ draining }) => draining).map(({ id }) => id));
    const live = leaving.size === 0 ? told : told.filter(({ draining }) => !draining);
    for (const instance of difference(this.#live, live).left) {
      const { id } = instance;
      if (!leaving.has(id) && !this.#leaving.has(id)) {
        this.#missing.set(id, { instance, since: now, held: false });
      }
    }
    if (this.#missing.size > 0) for (const { id } of told) this.#missing.delete(id);
    this.#live = live;
    this.#leaving = leaving;
    return this.review(now);
  }

  /** The same set as before, at a later time: lets go of those whose time is over. */
  review(now: number): Guarded {
    if (this.#missing.size === 0) return { instances: this.#live, newlyHeld: [], reviewInMs: undefined };
    const newlyHeld: string[] = [];
    const recent = [...this.#missing.values()].filter(
      ({ since, held }) => held || now - since <= this.#windowMs,
    );
    const suspicious = recent.length > this.#maxShrink * (this.#live.length + recent.length);
    for (const [id, missing] of this.#missing) {
      const age = now - missing.since;
      if (suspicious && !missing.held && age <= this.#windowMs && this.#holdMs > 0) {
        missing.held = true;
        newlyHeld.push(id);
      }
      if (age >= (missing.held ? this.#holdMs : this.#windowMs)) this.#missing.delete(id);
    }
    const held = [...this.#missing.values()].filter((missing) => missing.held);
    if (held.length === 0) return { instances: this.#live, newlyHeld, reviewInMs: undefined };
    const oldest = Math.min(...held.map(({ since }) => since));
    return {
      instances: normalise([...this.#live, ...held.map(({ instance }) => instance)]),
      newlyHeld,
      reviewInMs: Math.max(0, oldest + this.#holdMs - now),
    };
  }
}
