import { assertDuration } from '../model/invalid-option.js';
import { Backoff, type BackoffOptions } from '../runtime/backoff.js';
import { ShrinkGuard, type ShrinkGuardOptions } from './shrink-guard.js';
import { SnapshotFile, type SnapshotOptions } from './snapshot.js';

export interface MembershipOptions {
  readonly shrinkGuard?: ShrinkGuardOptions;
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
   * during a burst. Default 5.
   */
  readonly debounceMs?: number;
}

/** @throws {DiscoveryError} INVALID_OPTION (RangeError for those of the backoff). */
export function checkMembershipOptions({ relistMs, debounceMs, ...options }: MembershipOptions): void {
  assertDuration('relistMs', relistMs, 1);
  assertDuration('debounceMs', debounceMs, 0);
  // Each constructor validates its options.
  void new ShrinkGuard(options.shrinkGuard);
  void new Backoff(options.backoff);
  if (options.snapshot) void new SnapshotFile(options.snapshot, 'any');
}
