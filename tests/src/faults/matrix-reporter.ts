import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { conformanceCell, documentOf, matrixOf, type Tested } from './matrix.js';

const file = fileURLToPath(new URL('../../../docs/faults/registries.md', import.meta.url));

/** What the describe blocks of the conformance suite are called, and which column of the matrix each one is. */
const conformanceColumns: Readonly<Record<string, string>> = {
  'a directory': 'file',
  'etcd (current)': 'etcd',
  'etcd (old)': 'etcd (old)',
  'consul (current)': 'consul',
  'consul (old)': 'consul (old)',
  'consul client agent': 'consul client agent',
};

/** Prints the matrix of all fault tests of a run, and writes it down when the whole of it was run. */
export default class MatrixReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tested: Tested[] = [];
    const conformance = new Map<string, TestCase[]>();
    for (const module of modules.toSorted(byName)) {
      for (const test of module.children.allTests()) {
        const { cell } = test.meta();
        if (cell) tested.push({ ...cell, result: test.result().state });
        const column = conformanceColumns[test.fullName.split(' > ')[0] ?? ''];
        if (/conformance/.test(module.moduleId) && column !== undefined)
          conformance.set(column, [...(conformance.get(column) ?? []), test]);
      }
    }
    for (const [column, tests] of conformance) {
      const version = tested.find((cell) => cell.column === column)?.version;
      if (version !== undefined) tested.unshift(conformanceCell(column, version, tests.map(resultOf)));
    }
    if (tested.length === 0) return;
    process.stdout.write(`\n${matrixOf(tested)}\n\n`);
    // A part of it is for the eye only.
    if (process.argv.some((argument) => argument === '-t' || argument.startsWith('--testNamePattern')))
      return;
    if (new Set(tested.map(({ column }) => column)).size < Object.keys(conformanceColumns).length) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, documentOf(tested, process.versions.node));
  }
}

function resultOf(test: TestCase): Tested['result'] {
  return test.result().state;
}

/** Columns end in whatever order; the rows must not. */
function byName(a: TestModule, b: TestModule): number {
  return a.moduleId < b.moduleId ? -1 : 1;
}
