import { addressOf, type Instance } from '../model/instance.js';
import { assertDuration, invalidOption } from '../model/invalid-option.js';
import { diffInstances, normalizeInstances } from '../model/instance-set.js';

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

/**
 * How long an instance that went missing without a word stays in the list whatever else happens, in ms. The records of
 * a registry that was frozen or starved lapse one after the other, not at once: the first of them must not be believed
 * before the others can follow.
 */
export const settleMs = 100;

interface Missing {
  readonly instance: Instance;
  /** Monotonic, in ms, as are the others. */
  readonly since: number;
  readonly settledAt: number;
  held: boolean;
}

export interface GuardedSet {
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
  /** When it was asked last. */
  #now = -Infinity;

  constructor({ maxShrink = 0.5, holdMs = 30_000, windowMs = 5_000 }: ShrinkGuardOptions = {}) {
    if (!(maxShrink >= 0 && maxShrink <= 1)) {
      throw invalidOption('maxShrink', maxShrink, 'use a share from 0 to 1');
    }
    assertDuration('holdMs', holdMs, 0);
    assertDuration('windowMs', windowMs, 0);
    this.#maxShrink = maxShrink;
    this.#holdMs = holdMs;
    this.#windowMs = windowMs;
  }

  /** Ids that are in the list although the registry does not name them. */
  get held(): readonly string[] {
    return this.#unnamed.map(({ instance }) => instance.id);
  }

  /** Those that stay in the list. Where somebody else listens by now, nobody is missing. */
  get #unnamed(): readonly Missing[] {
    if (this.#missing.size === 0) return [];
    const taken = new Set(this.#live.map(addressOf));
    return [...this.#missing.values()].filter(
      ({ instance, held, settledAt }) => (held || settledAt > this.#now) && !taken.has(addressOf(instance)),
    );
  }

  /** Whether it has nothing to remember: it may be forgotten. */
  get idle(): boolean {
    return this.#live.length === 0 && this.#missing.size === 0 && this.#leaving.size === 0;
  }

  /**
   * Takes a normalised set of one service as the registry tells it, at the monotonic time `now` (ms), and says what to
   * publish. What is missing for the first time is believed to be after `settle` ms at the earliest.
   */
  admit(told: readonly Instance[], now: number, settle = settleMs): GuardedSet {
    const leaving = new Set(told.filter(({ draining }) => draining).map(({ id }) => id));
    const live = leaving.size === 0 ? told : told.filter(({ draining }) => !draining);
    for (const instance of diffInstances(this.#live, live).left) {
      const { id } = instance;
      if (!leaving.has(id) && !this.#leaving.has(id)) {
        this.#missing.set(id, {
          instance,
          since: now,
          settledAt: now + (this.#off ? 0 : settle),
          held: false,
        });
      }
    }
    if (this.#missing.size > 0) for (const { id } of told) this.#missing.delete(id);
    this.#live = live;
    this.#leaving = leaving;
    return this.review(now);
  }

  /** The same set as before, at a later time: lets go of those whose time is over. */
  review(now: number): GuardedSet {
    this.#now = now;
    if (this.#missing.size === 0) return { instances: this.#live, newlyHeld: [], reviewInMs: undefined };
    const newlyHeld = this.#mostAreMissing(now) ? this.#hold(now) : [];
    for (const [id, { since, held }] of this.#missing) {
      if (now - since >= (held ? this.#holdMs : this.#windowMs)) this.#missing.delete(id);
    }
    const unnamed = this.#unnamed;
    if (unnamed.length === 0) return { instances: this.#live, newlyHeld, reviewInMs: undefined };
    const until = Math.min(
      ...unnamed.map(({ held, since, settledAt }) => (held ? since + this.#holdMs : settledAt)),
    );
    // Where somebody else listens by now, nobody is missing.
    const taken = new Set(this.#live.map(addressOf));
    const kept = unnamed
      .map(({ instance }) => instance)
      .filter((instance) => !taken.has(addressOf(instance)));
    return {
      instances: normalizeInstances([...this.#live, ...kept]),
      newlyHeld,
      reviewInMs: Math.max(0, until - now),
    };
  }

  /** Also when it would hold for no time at all. */
  get #off(): boolean {
    return this.#maxShrink === 1 || this.#holdMs === 0;
  }

  #mostAreMissing(now: number): boolean {
    const recent = [...this.#missing.values()].filter(
      ({ since, held }) => held || now - since <= this.#windowMs,
    );
    return recent.length > this.#maxShrink * (this.#live.length + recent.length);
  }

  /** Takes all that went missing lately into custody, also those it believed to be gone. */
  #hold(now: number): string[] {
    if (this.#off) return [];
    const ids: string[] = [];
    for (const [id, missing] of this.#missing) {
      if (missing.held || now - missing.since > this.#windowMs) continue;
      missing.held = true;
      ids.push(id);
    }
    return ids;
  }
}
