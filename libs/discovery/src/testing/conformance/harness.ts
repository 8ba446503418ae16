import type { Backend } from '../../backend/backend.js';
import type { Instance } from '../../model/instance.js';

/**
 * What the suite needs of a registry in order to try a backend of it. What is left out is not tried: the cases that need
 * it are skipped, and say so.
 */
export interface ConformanceHarness {
  /** A new handle, as another process would have; the suite closes it. All see the same registry. */
  open(): Backend | Promise<Backend>;
  /** Writes a record of `service` that nobody can read. */
  writeUnreadable?(service: string): void | Promise<void>;
  /** Removes the record of an instance behind its back, as an operator would by mistake. */
  deleteRecord?(instance: Instance): void | Promise<void>;
  /** Writes the record of `instance` over whichever is there, as a stranger would who lives and knows no manners. */
  overwriteRecord?(instance: Instance): void | Promise<void>;
  readonly outage?: Outage;
  /** How many sockets, timers, watchers and the like `backend` holds now. */
  resources?(backend: Backend): number | Promise<number>;
  readonly allows?: AllowedDifferences;
  /** How long the suite waits for what should happen, in ms, unless the contract sets a bound. Default 10,000. */
  readonly patienceMs?: number;
}

/** Ways of taking the registry away. */
export interface Outage {
  /** Away: nothing answers. Resolves when it is so. */
  begin(): void | Promise<void>;
  /** Back, with its data. Resolves when it answers. */
  end(): void | Promise<void>;
  /** To be called while it is away: it will come back without any record. */
  wipe?(): void | Promise<void>;
}

/** Where a registry cannot do what the contract asks, and why. Declared, so that nobody has to code around it. */
export interface AllowedDifferences {
  /** Fields that its records have no room for. */
  readonly losesFields?: { readonly fields: readonly (keyof Instance)[]; readonly because: string };
  /** A second owner of an id takes the record over. */
  readonly takesOverIds?: { readonly because: string };
  /** A leaving instance is not marked. */
  readonly leavesWithoutMark?: { readonly because: string };
}
