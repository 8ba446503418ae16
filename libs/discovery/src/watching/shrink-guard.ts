import type { Instance } from '../model/instance.js';
import { normalizeInstances } from '../model/instance-set.js';
import { assertDuration, invalidOption } from '../model/invalid-option.js';
import type { SetChange } from './set-change.js';

/**
 * When most of a service disappears at once, more often the registry is wrong than the instances are gone: records
 * wiped by hand, a store that came back empty, leases that expired while the CPU was starved. Such instances stay listed
 * for a bounded time, and connections decide meanwhile: round_robin does not pick an endpoint that does not connect. An
 * instance that was marked as draining is removed at once.
 */
export interface ShrinkGuardOptions {
  /**
   * Share of a service's instances, 0 to 1, that may disappear within {@link windowMs} and is removed. Default 0.5: one
   * of two is removed, one of one is held back. 1 disables the guard.
   */
  readonly maxShrink?: number;
  /** How long missing instances are held back, in ms. Default 30,000. Scaling to zero is visible after this time. */
  readonly holdMs?: number;
  /** Removals within this time count together, in ms. Default 5,000. */
  readonly windowMs?: number;
}

/**
 * How long an instance that disappeared without draining stays listed in any case, in ms. The records of a registry that
 * was frozen or starved expire one after the other: the first must not be removed before the others can follow.
 */
const removalGraceMs = 100;

interface MissingInstance {
  readonly instance: Instance;
  /** Both monotonic, in ms. */
  readonly since: number;
  readonly graceEndsAt: number;
  held: boolean;
}

export interface GuardResult {
  /** The missing instances that stay listed, without duplicates. */
  readonly retained: readonly Instance[];
  /** Ids of the instances that are held back from now on. */
  readonly newlyHeld: readonly string[];
  /** When to evaluate again, on the same clock; Infinity if nothing is retained. */
  readonly reevaluateAt: number;
}

/** @throws {DiscoveryError} INVALID_OPTION. */
export function checkShrinkGuardOptions({
  maxShrink = 0.5,
  holdMs,
  windowMs,
}: ShrinkGuardOptions = {}): void {
  if (!(maxShrink >= 0 && maxShrink <= 1))
    throw invalidOption('maxShrink', maxShrink, 'use a share from 0 to 1');
  assertDuration('holdMs', holdMs, 0);
  assertDuration('windowMs', windowMs, 0);
}

/** Decides which of the instances of one service stay listed although the registry no longer lists them. */
export class ShrinkGuard {
  readonly #maxShrink: number;
  readonly #holdMs: number;
  readonly #windowMs: number;
  /** How many instances the registry lists, without draining ones. */
  #active = 0;
  readonly #missing = new Map<string, MissingInstance>();

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor(options: ShrinkGuardOptions = {}) {
    checkShrinkGuardOptions(options);
    const { maxShrink = 0.5, holdMs = 30_000, windowMs = 5_000 } = options;
    this.#maxShrink = maxShrink;
    this.#holdMs = holdMs;
    this.#windowMs = windowMs;
  }

  /** Whether no instance is missing. */
  get idle(): boolean {
    return this.#missing.size === 0;
  }

  /**
   * Takes a change of the distinct instances that the registry lists, at the monotonic time `now` (ms). An instance that
   * has just disappeared stays listed for at least `graceMs`.
   */
  update({ removed, added }: SetChange, now: number, graceMs = removalGraceMs): void {
    const stillListed = new Set(removed.length > 0 ? added.map(({ id }) => id) : []);
    this.#list(added);
    for (const instance of removed) {
      if (instance.draining) continue;
      this.#active -= 1;
      if (stillListed.has(instance.id)) continue;
      const graceEndsAt = now + (this.#disabled ? 0 : graceMs);
      this.#missing.set(instance.id, { instance, since: now, graceEndsAt, held: false });
    }
  }

  /** In a method of its own: the first list is long, and V8 would compile what follows it without having seen it run. */
  #list(added: readonly Instance[]): void {
    for (const { id, draining } of added) {
      if (!draining) this.#active += 1;
      this.#missing.delete(id);
    }
  }

  /** An instance that `isReplaced` is not retained: another one has its address. */
  evaluate(now: number, isReplaced: (instance: Instance) => boolean): GuardResult {
    for (const [id, { since, held, graceEndsAt }] of this.#missing) {
      const expiresAt = held ? since + this.#holdMs : Math.max(since + this.#windowMs, graceEndsAt);
      if (now >= expiresAt) this.#missing.delete(id);
    }
    const newlyHeld = this.#mostAreMissing && !this.#disabled ? this.#holdBack() : [];
    const retained: Instance[] = [];
    let reevaluateAt = Infinity;
    for (const { instance, held, since, graceEndsAt } of this.#missing.values()) {
      if ((!held && graceEndsAt <= now) || isReplaced(instance)) continue;
      retained.push(instance);
      reevaluateAt = Math.min(reevaluateAt, held ? since + this.#holdMs : graceEndsAt);
    }
    return { retained: normalizeInstances(retained), newlyHeld, reevaluateAt };
  }

  get #disabled(): boolean {
    return this.#maxShrink === 1 || this.#holdMs === 0;
  }

  get #mostAreMissing(): boolean {
    const missing = this.#missing.size;
    return missing > this.#maxShrink * (this.#active + missing);
  }

  /** Holds back all instances that went missing within the window, also those that were already removed. */
  #holdBack(): string[] {
    const ids: string[] = [];
    for (const [id, missing] of this.#missing) {
      if (missing.held) continue;
      missing.held = true;
      ids.push(id);
    }
    return ids;
  }
}
