import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestModule } from 'vitest/node';
import { columns, documentOf, tableOf, type TestedCall } from './report.js';

const file = fileURLToPath(new URL('../../../docs/faults/calls.md', import.meta.url));

/** Prints the table of a run, and writes it down when the whole of it was run. */
export default class CallsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tested: TestedCall[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { calls } = test.meta();
        if (calls) tested.push({ ...calls, passed: test.result().state === 'passed' });
      }
    }
    if (tested.length === 0) return;
    process.stdout.write(`\n${tableOf(tested)}\n\n`);
    // A part of it is for the eye only.
    if (process.argv.some((argument) => argument === '-t' || argument.startsWith('--testNamePattern')))
      return;
    if (new Set(tested.map(({ column }) => column)).size < columns.length) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, documentOf(tested, process.versions.node));
  }
}
