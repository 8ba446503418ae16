import { afterAll, beforeAll, describe, it } from 'vitest';
import type { RegistryEnvironment } from '../environments/environment.js';
import type { RegistrySuite } from '../environments/suites.js';
import type { ReportName, ScenarioResult } from './report.js';
import type { Scenario, ScenarioRun } from './scenario.js';

declare module 'vitest' {
  interface TaskMeta {
    /** What the report shows of a test. */
    scenario?: ScenarioResult;
  }
}

/** What registry scenarios and call scenarios do differently. */
export interface ScenarioKind<Run extends ScenarioRun, S extends Scenario<Run>> {
  readonly report: ReportName;
  start(environment: RegistryEnvironment): Run;
  /** The texts of the report's columns of promises. */
  promised(scenario: S, environment: RegistryEnvironment): readonly string[];
  /** Called after a scenario, with the time until recovery that it returned. Throws when a general expectation fails. */
  check(scenario: S, run: Run, recoveryMs: number | undefined): void;
}

/** Runs each of `scenarios` on one registry, one after the other. */
export function describeScenarios<Run extends ScenarioRun, S extends Scenario<Run>>(
  kind: ScenarioKind<Run, S>,
  suite: RegistrySuite,
  scenarios: readonly S[],
): void {
  describe.skipIf(!suite.open)(`${suite.name}`, () => {
    let environment: RegistryEnvironment;
    beforeAll(async () => {
      if (suite.open) environment = await suite.open();
    });
    afterAll(() => environment?.close());

    for (const scenario of scenarios) {
      const { name, long, timeoutMs } = scenario;
      const options = { ...(timeoutMs && { timeout: timeoutMs }), ...(long && { tags: ['long'] }) };
      it(`${name}`, options, async ({ task, skip }) => {
        const report = (findings: readonly string[]) => {
          task.meta.scenario = {
            report: kind.report,
            scenario: name,
            suite: suite.name,
            version: environment.version,
            promised: kind.promised(scenario, environment),
            findings,
          };
        };
        const reason = scenario.notFor?.[environment.kind] ?? (await scenario.notIn?.(environment));
        if (reason !== undefined) report([reason]);
        skip(reason !== undefined, reason);
        await expectSuccess(kind, scenario, kind.start(environment), report);
      });
    }
  });
}

async function expectSuccess<Run extends ScenarioRun, S extends Scenario<Run>>(
  kind: ScenarioKind<Run, S>,
  scenario: S,
  run: Run,
  report: (findings: readonly string[]) => void,
): Promise<void> {
  try {
    kind.check(scenario, run, (await scenario.run(run)) ?? undefined);
  } finally {
    report(run.findings.texts);
    await run.end();
  }
}
