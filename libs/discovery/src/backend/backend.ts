import type { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';

/**
 * A registry, as little of it as one can write. Two sessions, each of which does its work once, badly when the
 * network is bad, and says so by throwing. Retrying, backing off, keeping the last good set, guarding against mass
 * removals: all of that is written once above, in `Registration` and `Membership`, and is the same for every backend.
 *
 * Rules that hold for both sessions:
 * - Nothing is retried inside. A session that cannot be trusted any more throws, at the latest 15 s after the
 *   registry went silent.
 * - Every network call has a deadline.
 * - An abort of `signal` is the caller's wish, not a failure: the session ends without throwing.
 * - When a session has ended, however it ended, it holds no socket, timer or watcher of its own.
 */
export interface Backend {
  /** The scheme of its URLs and gRPC targets: `consul`, `etcd`, `file`, ... */
  readonly scheme: string;
  /** For people: which registry this is, without secrets. `consul://127.0.0.1:8500` */
  readonly location: string;
  /** Whether what it says never changes, because there is no registry behind it. Default false. */
  readonly isStatic?: boolean;

  /**
   * Writes the record of `instance` (over an older one of the same id; never delete first) and keeps it alive
   * until `session.signal` aborts, then marks it `draining`, removes it {@link drainingVisibleMs} later and resolves, all
   * within 2 s and whatever the registry does. The mark tells every observer that the removal is meant.
   * @throws {DiscoveryError} as soon as the record is known to be lost, overwritten, or not kept alive.
   */
  announce(instance: Instance, session: AnnounceSession): Promise<void>;

  /**
   * Shows an instance that is paused, where the registry can (Consul's maintenance mode), until `signal` aborts; then
   * removes it as `announce` does. A backend without it shows nothing of a paused instance.
   * @throws {DiscoveryError} when that does not hold any more.
   */
  showPaused?(instance: Instance, signal: AbortSignal): Promise<void>;

  /**
   * Yields full sets of the instances of `service`: the present one first, then one each time it may have changed.
   * Sets may repeat, be unsorted and hold duplicates. Records that cannot be read are left out, and reported.
   * Ends without throwing when `session.signal` aborts.
   */
  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet>;

  /** The catalogue: like `observe`, for the instances of all services at once. */
  observeAll(session: ObserveSession): AsyncIterable<ObservedSet>;

  /** Ends the connection to the registry. Called once, after all sessions have ended. */
  close(): Promise<void>;
}

/**
 * How long a leaving instance is shown as `draining` before its record goes, in ms: long enough for a caller to read it
 * whose event loop is full of calls.
 */
export const drainingVisibleMs = 200;

export interface AnnounceSession {
  readonly signal: AbortSignal;
  /** To be called once: the record is written and others can see it. */
  registered(): void;
}

export interface ObserveSession {
  readonly signal: AbortSignal;
  /** A record was left out because it cannot be read. `key` names it in the registry. */
  rejected(key: string, reason: DiscoveryError): void;
}

export interface ObservedSet {
  readonly instances: readonly Instance[];
  /** The registry's own mark of this state (etcd revision, Consul index), for people. */
  readonly revision?: string;
}
