import { Backoff, type BackoffOptions } from '../runtime/backoff.js';
import { assertDuration } from '../model/invalid-option.js';
import { ShrinkGuard, type ShrinkGuardOptions } from './shrink-guard.js';
import { SnapshotFile, type SnapshotOptions } from './snapshot.js';

export interface MembershipOptions {
  readonly shrinkGuard?: ShrinkGuardOptions;
  readonly backoff?: BackoffOptions;
  /** Where the last good set is kept for a start without a registry. Default nowhere. */
  readonly snapshot?: SnapshotOptions;
  /**
   * A session is closed and a new one opened, which lists anew, after this time and up to a fifth more, in ms.
   * Default 30,000. It bounds how long an error that nothing noticed can last.
   */
  readonly relistMs?: number;
  /**
   * Changes that lie closer together than this are published as one, in ms; the first one at once. While they keep
   * coming it grows, up to eight times. Default 5.
   */
  readonly debounceMs?: number;
}

/** @throws {DiscoveryError} INVALID_OPTION (RangeError for those of the backoff) for a value that cannot be meant. */
export function checkMembershipOptions({ relistMs, debounceMs, ...options }: MembershipOptions): void {
  assertDuration('relistMs', relistMs, 1);
  assertDuration('debounceMs', debounceMs, 0);
  void new ShrinkGuard(options.shrinkGuard);
  void new Backoff(options.backoff);
  if (options.snapshot) void new SnapshotFile(options.snapshot, 'any');
}
