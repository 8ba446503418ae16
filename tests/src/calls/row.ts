import type { Trial } from './trial.js';

/** One row of the table: something that happens while calls are made. */
export interface Row {
  readonly event: string;
  /** How many calls may fail, and the longest gap or call: for people. */
  readonly promise: { readonly failed: string; readonly longest: string };
  /** Throws when a count is not as promised. What it measured is in the trial, whatever happens. */
  run(trial: Trial): Promise<void>;
}
