import type { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';

/**
 * - `none`: the registry has not said anything yet.
 * - `static`: there is no registry; this was given in code.
 * - `live`: a session with the registry is open, and this is what it says (and what the guard holds).
 * - `last-known-good`: the registry is away; this is what it said last.
 * - `snapshot`: the registry has been away since we started; this is what it said to an earlier process.
 */
export type MembershipSource = 'none' | 'static' | 'live' | 'last-known-good' | 'snapshot';

export interface MembershipState {
  readonly source: MembershipSource;
  /** Sorted by service and id; within a service no id and no address twice; none that drains. */
  readonly instances: readonly Instance[];
  /** Ids of those that the registry no longer names and that are held for a while: see `ShrinkGuardOptions`. */
  readonly held: readonly string[];
  /** Since when `source` is what it is; for a snapshot, when that was taken. */
  readonly since: Date;
  /** The registry's own mark of this state. */
  readonly revision?: string;
  /** Why the registry is away. */
  readonly lastError?: DiscoveryError;
}
