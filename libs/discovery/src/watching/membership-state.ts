import type { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';

/**
 * - `none`: the registry has not answered yet.
 * - `static`: the instances were given in code; there is no registry.
 * - `live`: a session is open; the instances are those the registry lists and those held back by the shrink guard.
 * - `last-known-good`: the registry is unavailable; the instances are those of the last session.
 * - `snapshot`: the registry has been unavailable since the start; the instances were saved by an earlier process.
 */
export type MembershipSource = 'none' | 'static' | 'live' | 'last-known-good' | 'snapshot';

export interface MembershipState {
  readonly source: MembershipSource;
  /** Sorted by service and id. Within a service ids and addresses are unique. Draining instances are left out. */
  readonly instances: readonly Instance[];
  /** Ids of the instances that are held back although the registry no longer lists them: see `ShrinkGuardOptions`. */
  readonly held: readonly string[];
  /** When `source` last changed; for a snapshot, when it was taken. */
  readonly since: Date;
  /** The registry's own version of this state (etcd revision, Consul index). */
  readonly revision?: string;
  /** The gRPC service configs that the registry has for the service, to choose from (gRFC A2): a JSON array. */
  readonly serviceConfigs?: string;
  /** Why the registry is unavailable. */
  readonly lastError?: DiscoveryError;
}
