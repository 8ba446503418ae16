import type { Backend } from '../../backend/backend.js';
import type { Instance } from '../../model/instance.js';

/**
 * Connects the suite to a registry. Cases that need a missing member are skipped, with a reason.
 */
export interface ConformanceHarness {
  /** Opens a new handle of the same registry, as another process would. The suite closes it. */
  open(): Backend | Promise<Backend>;
  /** Writes an unreadable record of `service`. */
  writeUnreadable?(service: string): void | Promise<void>;
  /** Deletes the record of an instance, as an operator would by mistake. */
  deleteRecord?(instance: Instance): void | Promise<void>;
  /** Overwrites any record with that of `instance`, kept alive by another owner. */
  overwriteRecord?(instance: Instance): void | Promise<void>;
  readonly outage?: Outage;
  /** How many sockets, timers, watchers and the like `backend` has open. */
  resources?(backend: Backend): number | Promise<number>;
  readonly allows?: AllowedDifferences;
  /** Timeout of each expectation without a bound in the contract, in ms. Default 10,000. */
  readonly timeoutMs?: number;
}

/** How to make the registry unavailable. */
export interface Outage {
  /** Stops it. Resolves when it no longer responds. */
  begin(): void | Promise<void>;
  /** Starts it with its data. Resolves when it responds. */
  end(): void | Promise<void>;
  /** Called while it is stopped: it starts without records. */
  wipe?(): void | Promise<void>;
}

/** Where a registry cannot fulfil the contract, and why. */
export interface AllowedDifferences {
  /** Fields that its records cannot hold. */
  readonly losesFields?: { readonly fields: readonly (keyof Instance)[]; readonly because: string };
  /** A second owner of an id replaces a live first one. */
  readonly replacesLiveOwners?: { readonly because: string };
  /** It can only be watched, one service at a time. `writer` opens a backend that registers instances in the same registry. */
  readonly watchOnly?: { readonly because: string; writer(): Backend | Promise<Backend> };
  /** Its records cannot hold `draining`. */
  readonly lacksDraining?: { readonly because: string };
}
