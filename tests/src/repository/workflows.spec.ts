import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { root } from './documents.js';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly 'timeout-minutes'?: number;
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface IssueForm {
  readonly name?: string;
  readonly description?: string;
  readonly body?: readonly { readonly type: string; readonly id?: string }[];
}

const { scripts, engines } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
  engines: { readonly node: string };
};

/** @throws {Error} with the line, if the file is not YAML. */
function parse<T>(path: string): T {
  const document = parseDocument(readFileSync(root + path, 'utf8'));
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw new Error(`${path}: ${problem.message}`);
  return document.toJS() as T;
}

const filesIn = (folder: string) =>
  readdirSync(root + folder)
    .filter((file) => file.endsWith('.yml'))
    .map((file) => `${folder}/${file}`);

/** The scripts of package.json that a job runs; `${{ matrix.x }}` stands for each value of the matrix. */
function scriptsOf({ strategy, steps }: Job): readonly string[] {
  const commands = steps.flatMap(({ run = '' }) => run.split('\n'));
  return commands
    .flatMap((command) => {
      const [placeholder, name = ''] = /\$\{\{ matrix\.(\w+) \}\}/.exec(command) ?? [];
      const values = strategy?.matrix[name];
      return placeholder !== undefined && Array.isArray(values)
        ? values.map((value) => command.replace(placeholder, String(value)))
        : [command];
    })
    .flatMap((command) => /^npm (?:run )?([\w:-]+)/.exec(command)?.[1] ?? [])
    .filter((script) => script !== 'ci');
}

describe.each(filesIn('.github/workflows'))('%s', (path) => {
  const { permissions, jobs } = parse<Workflow>(path);

  it('runs scripts of package.json only', () => {
    const run = Object.values(jobs).flatMap(scriptsOf);
    expect(run.length).toBeGreaterThan(0);
    expect(run.filter((script) => scripts[script] === undefined)).toEqual([]);
  });

  it('may only read, unless a job says more', () => {
    expect([{ contents: 'read' }, {}]).toContainEqual(permissions);
  });

  it('pins every action, and limits the time of every job', () => {
    const actions = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
    expect(actions.filter((action) => !/^[\w-]+\/[\w/-]+@(v\d+|[0-9a-f]{40})/.test(action))).toEqual([]);
    expect(Object.values(jobs).filter((job) => job['timeout-minutes'] === undefined)).toEqual([]);
  });
});

describe('.github/workflows/ci.yml', () => {
  const { jobs } = parse<Workflow>('.github/workflows/ci.yml');
  const run = new Set(Object.values(jobs).flatMap(scriptsOf));

  it('runs whatever .ci/run runs', () => {
    const local = readFileSync(`${root}.ci/run`, 'utf8');
    const tests = [...local.matchAll(/^tests (\S+)$/gm)].map((match) => match[1]!);
    expect(tests.length).toBeGreaterThan(3);
    expect(['check', 'demo', ...tests].filter((script) => !run.has(script))).toEqual([]);
    expect(local).toContain('in $(node tools/check.mjs --list)');
    expect(scripts['check']).toContain('node tools/check.mjs');
  });

  it('tests the oldest promised version of Node, and that of .nvmrc', () => {
    const matrices = ['unit', 'test'].map((job) => jobs[job]?.strategy?.matrix['node']);
    for (const versions of matrices as string[][]) {
      expect(engines.node).toBe(`>=${versions[0]}`);
      expect(readFileSync(`${root}.nvmrc`, 'utf8').trim()).toBe(versions.at(-1));
    }
  });
});

it.each(filesIn('.github/ISSUE_TEMPLATE').filter((path) => !path.endsWith('config.yml')))(
  '%s is an issue form',
  (path) => {
    const { name, description, body = [] } = parse<IssueForm>(path);
    expect([name, description]).not.toContain(undefined);
    const fields = body.filter(({ type }) => type !== 'markdown').map(({ id }) => id);
    expect(fields).not.toContain(undefined);
    expect(new Set(fields).size).toBe(fields.length);
  },
);
