import type { RegistryEnvironment, RegistryKind } from '../environments/environment.js';
import { Findings } from './findings.js';

/** Something that happens to a registry or to its clients, and what must hold then: a row of the report. */
export interface Scenario<Run extends ScenarioRun> {
  /** State and event, a colon, and the expectation. */
  readonly name: string;
  /** Registries that it cannot happen to, and why; shown in the report. */
  readonly notFor?: Partial<Record<RegistryKind, string>>;
  /** The same where it depends on how the registry was started, or on this machine: why not, else undefined. */
  readonly notIn?: (environment: RegistryEnvironment) => string | undefined | Promise<string | undefined>;
  /** Takes 10 s or more: left out of `test:registries:short` and `test:calls:short`. */
  readonly long?: true;
  /** Default: that of the Vitest project. */
  readonly timeoutMs?: number;
  /**
   * Throws when an expectation fails. Resolves with the time until everything had recovered, in ms, where there is
   * something to recover from.
   */
  run(run: Run): Promise<number | void>;
}

let runs = 0;

/** One run of one scenario: a service of its own in a registry, what was opened for it, and what it found. */
export class ScenarioRun {
  readonly environment: RegistryEnvironment;
  readonly number = ++runs;
  readonly service = `inventory-${process.pid}-${this.number}`;
  readonly findings: Findings = new Findings();
  readonly #cleanups: (() => Promise<unknown>)[] = [];

  constructor(environment: RegistryEnvironment) {
    this.environment = environment;
  }

  onCleanup(task: () => Promise<unknown>): void {
    this.#cleanups.push(task);
  }

  /** Repairs the registry, then closes what was opened, last first. */
  async end(): Promise<void> {
    await this.environment.repair();
    for (const task of this.#cleanups.splice(0).toReversed()) await task();
  }
}
