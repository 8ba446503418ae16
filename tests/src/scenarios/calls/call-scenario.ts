import { expect } from 'vitest';
import type { RegistrySuite } from '../../environments/suites.js';
import { describeScenarios, type ScenarioKind } from '../runner.js';
import type { Scenario } from '../scenario.js';
import { CallRun } from './call-run.js';

/** Something that happens while calls are made. No call may fail, unless the scenario discards those that must. */
export interface CallScenario extends Scenario<CallRun> {
  /** Runs over HTTP, too. */
  readonly alsoOverHttp?: true;
  /** For readers of the report: how many calls may fail, and how long the longest gap or call may be. */
  readonly promise: { readonly failed: string; readonly longest: string };
}

const kind: ScenarioKind<CallRun, CallScenario> = {
  report: 'calls',
  start: (environment) => new CallRun(environment),
  promised: ({ promise }) => [promise.failed, promise.longest],
  check: (_, { findings }) => expect(findings.failures).toEqual({}),
};

export function describeCallScenarios(suite: RegistrySuite, scenarios: readonly CallScenario[]): void {
  describeScenarios(kind, suite, scenarios);
}
