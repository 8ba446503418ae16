import { assertDuration } from '../model/invalid-option.js';
import { type BackoffOptions, checkBackoffOptions } from '../runtime/backoff.js';
import { maxDebounceMs } from './debounce.js';
import { checkShrinkGuardOptions, type ShrinkGuardOptions } from './shrink-guard.js';
import { checkSnapshotOptions, type SnapshotOptions } from './snapshot.js';

export interface MembershipOptions {
  /** How instances that disappear together are held back. */
  readonly shrinkGuard?: ShrinkGuardOptions;
  /** Delays between attempts to register and to watch. */
  readonly backoff?: BackoffOptions;
  /** Where the last known good set is saved, for a start without a registry. Default: nowhere. */
  readonly snapshot?: SnapshotOptions;
  /**
   * Interval after which a session is closed and a new one lists everything again, in ms; up to a fifth more at random.
   * Default 30,000. It bounds how long an undetected error can last.
   */
  readonly relistMs?: number;
  /**
   * Changes within this time are published as one, in ms; the first one is published at once. Grows up to 16 times
   * during a burst, and never beyond 100. Default 5, at most 100.
   */
  readonly debounceMs?: number;
}

/** @throws {DiscoveryError} INVALID_OPTION. */
export function checkMembershipOptions(options: MembershipOptions): void {
  assertDuration('relistMs', options.relistMs, 1);
  assertDuration('debounceMs', options.debounceMs, 0, maxDebounceMs);
  checkShrinkGuardOptions(options.shrinkGuard);
  checkBackoffOptions(options.backoff);
  if (options.snapshot) checkSnapshotOptions(options.snapshot);
}
