import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandNames, problemOf } from './commands.js';
import { blocksOf, documents, root } from './documents.js';

const run = promisify(execFile);

it('every code block of the documentation is in a language that is checked here', () => {
  const languages = new Set(documents.flatMap(({ blocks }) => blocks.map(({ language }) => language)));
  expect([...languages].toSorted()).toEqual(['sh', 'text', 'ts']);
});

describe('ts blocks', () => {
  const blocks = blocksOf('ts');
  // In the tree, so that modules resolve as they do for a user of the packages.
  const folder = `${root}node_modules/.cache/rollcall-docs-${process.pid}`;
  let errors: string[];

  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/package.json`, '{ "type": "module" }');
    await writeFile(`${folder}/tsconfig.json`, JSON.stringify(tsconfig));
    await Promise.all(blocks.map(({ code }, index) => writeFile(`${folder}/block-${index}.ts`, code)));
    const compiler = `${root}node_modules/typescript/bin/tsc`;
    const compiling = run(process.execPath, [compiler, '--project', folder, '--pretty', 'false']);
    const { stdout } = await compiling.catch((error: { stdout: string }) => error);
    errors = stdout.split('\n').filter((line) => line !== '');
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(blocks.map(({ where }, index) => [where, index] as const))('%s compiles', (_, index) => {
    expect(errors.filter((line) => line.includes(`/block-${index}.ts(`))).toEqual([]);
  });

  it('the compiler has no other complaint', () => {
    expect(errors.filter((line) => !/\/block-\d+\.ts\(/.test(line) && !line.startsWith(' '))).toEqual([]);
  });

  const tsconfig = {
    extends: `${root}tsconfig.base.json`,
    compilerOptions: {
      customConditions: ['source'],
      moduleDetection: 'force',
      noEmit: true,
      composite: false,
      incremental: false,
      // What an excerpt declares is often used by the reader only.
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    files: blocks.map((_, index) => `block-${index}.ts`),
  };
});

describe('sh blocks and inline commands', () => {
  const inBlocks = blocksOf('sh').flatMap(({ code, document }) =>
    code
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [document, line.replace(/\s+#.*$/, '')] as const),
  );
  const inline = documents.flatMap(({ path, codeSpans }) =>
    codeSpans
      .filter((code) => /\s/.test(code) && commandNames.includes(code.split(' ')[0]!))
      .map((code) => [path, code] as const),
  );
  const commands = [...inBlocks, ...inline];

  it.each(commands)('%s: %s', (_, command) => {
    expect(problemOf(command)).toBeUndefined();
  });

  it('the demo accepts the options that are shown', async () => {
    const shown = commands.filter(([, command]) => command.startsWith('npm run demo -- '));
    const program = await readFile(`${root}tools/src/demo/options.ts`, 'utf8');
    const options = shown.flatMap(([, command]) => command.match(/--\w+/g) ?? []);
    expect(options.filter((option) => !program.includes(`  ${option} `))).toEqual([]);
  });
});

describe('text blocks', () => {
  it.each(blocksOf('text'))('$where has the labels of the demo report', async ({ code }) => {
    const source = await readFile(`${root}tools/src/demo/report.ts`, 'utf8');
    const labels = code
      .split(/\n|\s{2,}/)
      .map((cell) => cell.trim())
      .filter((cell) => /^[a-z ]+$/.test(cell));
    expect(labels.length).toBeGreaterThan(3);
    expect(labels.filter((label) => !source.includes(`'${label}'`))).toEqual([]);
  });
});
