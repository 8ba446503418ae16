import { addressOf, type Instance } from '../model/instance.js';
import { diffInstances, normalizeInstances } from '../model/instance-set.js';
import { assertDuration, invalidOption } from '../model/invalid-option.js';

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

export interface GuardedSet {
  /** What to publish, normalized: what the registry lists, without draining instances, and what is held back. */
  readonly instances: readonly Instance[];
  /** Ids of the instances that are held back from now on. */
  readonly newlyHeld: readonly string[];
  /** When to call `reevaluate`, in ms from now; undefined if nothing is held back. */
  readonly reevaluateInMs: number | undefined;
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

export class ShrinkGuard {
  readonly #maxShrink: number;
  readonly #holdMs: number;
  readonly #windowMs: number;
  /** What the registry listed last, without draining instances. */
  #active: readonly Instance[] = [];
  #drainingIds: ReadonlySet<string> = new Set();
  readonly #missing = new Map<string, MissingInstance>();
  #evaluatedAt = -Infinity;

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor(options: ShrinkGuardOptions = {}) {
    checkShrinkGuardOptions(options);
    const { maxShrink = 0.5, holdMs = 30_000, windowMs = 5_000 } = options;
    this.#maxShrink = maxShrink;
    this.#holdMs = holdMs;
    this.#windowMs = windowMs;
  }

  /** Ids of the instances that stay listed although the registry does not list them. */
  get held(): readonly string[] {
    return this.#retained.map(({ instance }) => instance.id);
  }

  /** Whether the guard has no state and may be dropped. */
  get idle(): boolean {
    return this.#active.length === 0 && this.#missing.size === 0 && this.#drainingIds.size === 0;
  }

  /**
   * Processes a normalized set of one service that the registry listed at the monotonic time `now` (ms). An instance
   * that has just disappeared stays listed for at least `graceMs`.
   */
  update(listed: readonly Instance[], now: number, graceMs = removalGraceMs): GuardedSet {
    const drainingIds = new Set(listed.filter(({ draining }) => draining).map(({ id }) => id));
    const active = drainingIds.size === 0 ? listed : listed.filter(({ draining }) => !draining);
    const graceEndsAt = now + (this.#disabled ? 0 : graceMs);
    for (const instance of diffInstances(this.#active, active).left) {
      const { id } = instance;
      if (drainingIds.has(id) || this.#drainingIds.has(id)) continue;
      this.#missing.set(id, { instance, since: now, graceEndsAt, held: false });
    }
    if (this.#missing.size > 0) for (const { id } of listed) this.#missing.delete(id);
    this.#active = active;
    this.#drainingIds = drainingIds;
    return this.reevaluate(now);
  }

  /** The result for the same set at a later time: instances whose hold time is over are removed. */
  reevaluate(now: number): GuardedSet {
    this.#evaluatedAt = now;
    for (const [id, { since, held, graceEndsAt }] of this.#missing) {
      const expiresAt = held ? since + this.#holdMs : Math.max(since + this.#windowMs, graceEndsAt);
      if (now >= expiresAt) this.#missing.delete(id);
    }
    const newlyHeld = this.#mostAreMissing && !this.#disabled ? this.#holdBack() : [];
    const retained = this.#retained;
    if (retained.length === 0) return { instances: this.#active, newlyHeld, reevaluateInMs: undefined };
    // Not Math.min(...): there may be more instances than a call takes arguments.
    const nextAt = retained
      .map(({ held, since, graceEndsAt }) => (held ? since + this.#holdMs : graceEndsAt))
      .reduce((first, at) => Math.min(first, at));
    return {
      instances: normalizeInstances([...this.#active, ...retained.map(({ instance }) => instance)]),
      newlyHeld,
      reevaluateInMs: Math.max(0, nextAt - now),
    };
  }

  /** The missing instances that stay listed. One whose address another instance has by now was replaced. */
  get #retained(): readonly MissingInstance[] {
    if (this.#missing.size === 0) return [];
    const addresses = new Set(this.#active.map(addressOf));
    return [...this.#missing.values()].filter(
      ({ instance, held, graceEndsAt }) =>
        (held || graceEndsAt > this.#evaluatedAt) && !addresses.has(addressOf(instance)),
    );
  }

  get #disabled(): boolean {
    return this.#maxShrink === 1 || this.#holdMs === 0;
  }

  get #mostAreMissing(): boolean {
    const missing = this.#missing.size;
    return missing > this.#maxShrink * (this.#active.length + missing);
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
