import type { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';

/**
 * The contract of a registry: as little as a backend author can write. Every operation does its work once and throws when
 * it fails. Order, deadlines, retries, backoff, the last known good list and the guard against mass removals are written
 * once, above it, in `Registration` and `Membership`.
 *
 * Rules for every operation:
 * - It does not retry. An operation that can no longer be trusted throws a `DiscoveryError`, at the latest 15 s after the
 *   registry stopped answering.
 * - Every network call has a deadline.
 * - When `signal` aborts, the operation ends soon. The abort is not a failure: `keep` and the observing sessions end without
 *   throwing; how the others end is ignored.
 * - An operation that has ended holds no socket, timer or watcher of its own.
 */
export interface Backend {
  /** The scheme of its URLs and gRPC targets: `consul`, `etcd`, `file`, ... */
  readonly scheme: string;
  /** The registry, for people, without secrets: `consul://127.0.0.1:8500`. */
  readonly location: string;
  /**
   * The hosts where the registry runs. Instances on loopback addresses are rejected unless all of them are on loopback too.
   * Default: this machine.
   */
  readonly hosts?: readonly string[];
  /** Whether its lists never change because there is no registry behind it. Default false. */
  readonly isStatic?: boolean;
  /**
   * Whether instances are registered by other means, and services can only be watched, one by one. If so, `ownRecord` and
   * `observeAll` throw UNSUPPORTED. Default false.
   */
  readonly isWatchOnly?: boolean;
  /**
   * Whether the registry can show an instance that is paused (Consul's maintenance mode). If so, a paused instance is
   * written with `draining: true` and kept. Default false: a paused instance has no record.
   */
  readonly showsPaused?: boolean;

  /** The record of one instance. Nothing is written yet. One record for each registration. */
  ownRecord(instance: Instance): OwnRecord;

  /**
   * Yields full sets of the instances of `service`: the present one first, then one each time it may have changed. Sets may
   * repeat, be unsorted and hold duplicates. Unreadable records are left out and reported. A change costs least when unchanged
   * instances are the same objects in the same order as before.
   */
  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet>;

  /** The catalogue: like `observe`, for the instances of all services at once. */
  observeAll(session: ObserveSession): AsyncIterable<ObservedSet>;

  /** Closes the connection to the registry. Called once, after all sessions have ended. */
  close(): Promise<void>;
}

/** The record of one instance in a registry. Operations are called one after the other, never at the same time. */
export interface OwnRecord {
  /**
   * Writes the record over an older one of the same id; it never deletes first. Resolves when other clients can see it.
   * The instance may differ from call to call in everything but service, id, host and port; one with `draining` is written
   * as draining.
   * @throws {DiscoveryError} CONFLICT when another live instance owns the id. Of two, the one that registered first keeps it.
   */
  write(instance: Instance, signal: AbortSignal): Promise<void>;

  /**
   * Keeps the written record alive until `signal` aborts.
   * @throws {DiscoveryError} as soon as the record is known to be deleted, overwritten, or not kept alive.
   */
  keep(signal: AbortSignal): Promise<void>;

  /**
   * Marks the record as draining, so that readers can distinguish the removal that follows from a crash. Does nothing when
   * the record is not ours. Absent where a record cannot hold it.
   */
  readonly markDraining?: (signal: AbortSignal) => Promise<void>;

  /** Removes the record if it is still ours. One that is gone already counts as removed. */
  remove(signal: AbortSignal): Promise<void>;
}

export interface ObserveSession {
  readonly signal: AbortSignal;
  /** Reports a record that was left out because it is unreadable. `key` names it in the registry. */
  rejected(key: string, reason: DiscoveryError): void;
}

export interface ObservedSet {
  readonly instances: readonly Instance[];
  /** The registry's own version of this state (etcd revision, Consul index), for people. */
  readonly revision?: string;
  /** The gRPC service configs that the registry has for the service, to choose from (gRFC A2): a JSON array. */
  readonly serviceConfigs?: string;
}
