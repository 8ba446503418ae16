import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { documentOf, type ReportName, reports, type ScenarioOutcome, tableOf } from './report.js';

const root = new URL('../../../', import.meta.url);

/** Vitest's reporter: prints the reports of a run, and writes those down whose scenarios were all run. */
export default class ScenarioReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.toSorted(byFile).flatMap((module) => [...module.children.allTests()]);
    const outcomes = [
      ...conformanceOutcomes(tests),
      ...tests.flatMap((test): ScenarioOutcome[] => {
        const { scenario } = test.meta();
        return scenario ? [{ ...scenario, state: test.result().state }] : [];
      }),
    ];
    const filtered = process.argv.some((argument) => /^(-t|--testNamePattern|--tags-filter)/.test(argument));
    for (const name of Object.keys(reports) as ReportName[]) {
      const own = outcomes.filter(({ report }) => report === name);
      const { file, suites } = reports[name];
      if (!own.some(({ scenario }) => scenario !== conformance)) continue;
      process.stdout.write(`\n${tableOf(name, own)}\n\n`);
      if (filtered || suites.some((suite) => !own.some((outcome) => outcome.suite === suite))) continue;
      const path = fileURLToPath(new URL(file, root));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, documentOf(name, own));
    }
  }
}

const conformance = 'conformance suite';

/** The first row of the registries' report: how many cases of the conformance suite each registry passed. */
function conformanceOutcomes(tests: readonly TestCase[]): ScenarioOutcome[] {
  return reports.registries.suites.flatMap((suite): ScenarioOutcome[] => {
    const cases = tests.filter((test) => test.meta().conformance?.suite === suite);
    const version = cases[0]?.meta().conformance?.version;
    if (version === undefined) return [];
    const count = (state: string) => cases.filter((test) => test.result().state === state).length;
    const [passed, skipped] = [count('passed'), count('skipped')];
    const findings = [`${passed} of ${cases.length} cases`, ...(skipped > 0 ? [`${skipped} n/a`] : [])];
    const state = passed + skipped === cases.length ? 'passed' : 'failed';
    return [{ report: 'registries', scenario: conformance, suite, version, promised: [''], findings, state }];
  });
}

/** Suites end in any order; their rows are always in the same one. */
function byFile(a: TestModule, b: TestModule): number {
  return a.moduleId < b.moduleId ? -1 : 1;
}
