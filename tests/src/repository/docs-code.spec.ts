import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandNames, problemOf } from './commands.js';
import { blocksOf, type CodeBlock, documents, root } from './documents.js';

const run = promisify(execFile);

it('every code block of the documentation is in a language that is checked here', () => {
  const languages = new Set(documents.flatMap(({ blocks }) => blocks.map(({ language }) => language)));
  const checked = ['js', 'proto', 'sh', 'text', 'ts'];
  expect([...languages].filter((language) => !checked.includes(language))).toEqual([]);
});

describe('blocks that show a file of the repository', () => {
  const shown = documents.flatMap(({ path, blocks }) =>
    blocks
      .filter(({ shows }) => shows !== undefined)
      .map((block) => [path, block.shows!, block.code] as const),
  );

  it.each(shown)('%s shows %s as it is', async (_, file, code) => {
    expect(code).toBe(await readFile(root + file, 'utf8'));
  });
});

describe('ts, js and proto blocks', () => {
  const blocks = blocksOf('ts', 'js', 'proto').map((block, index) => ({
    ...block,
    path: pathOf(block, index),
  }));
  // A file that is shown is compiled where it is; the programs of getting started are run, by tests/src/system.
  const compiled = blocks.filter(({ language, shows, document }) =>
    language === 'ts' ? shows === undefined : language === 'js' && document !== 'docs/getting-started.md',
  );
  // In the tree, so that modules resolve as they do for a user of the packages.
  const folder = `${root}node_modules/.cache/rollcall-docs-${process.pid}`;
  let errors: string[];

  beforeAll(async () => {
    for (const { path, code } of blocks) {
      await mkdir(dirname(`${folder}/${path}`), { recursive: true });
      await writeFile(`${folder}/${path}`, code);
    }
    await cp(`${root}tests/src/documentation/companions`, folder, { recursive: true });
    await writeFile(`${folder}/package.json`, '{ "type": "module" }');
    // A JavaScript file cannot declare types, so that those of parameters may be missing.
    const compiling = [
      compile('ts', {}),
      compile('js', { allowJs: true, checkJs: true, noImplicitAny: false }),
    ];
    errors = (await Promise.all(compiling)).flat();
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(compiled.map(({ where, path }) => [where, path] as const))('%s compiles', (_, path) => {
    expect(errors.filter((line) => line.includes(`${path}(`))).toEqual([]);
  });

  it('the compiler has no other complaint', () => {
    const isOfBlock = (line: string) => compiled.some(({ path }) => line.includes(`${path}(`));
    expect(errors.filter((line) => !isOfBlock(line) && !line.startsWith(' '))).toEqual([]);
  });

  it.each(blocks.filter(({ language }) => language === 'proto'))('$where is a proto file', ({ path }) => {
    expect(Object.keys(loadSync(`${folder}/${path}`))).not.toEqual([]);
  });

  /** The errors of all blocks of a language. */
  async function compile(language: 'ts' | 'js', compilerOptions: object): Promise<string[]> {
    const tsconfig = {
      extends: `${root}tsconfig.base.json`,
      compilerOptions: {
        customConditions: ['@rollcall/source'],
        moduleDetection: 'force',
        noEmit: true,
        composite: false,
        incremental: false,
        // What an excerpt declares is often used by the reader only.
        noUnusedLocals: false,
        noUnusedParameters: false,
        ...compilerOptions,
      },
      files: [
        'modules.d.ts',
        ...compiled.filter((block) => block.language === language).map(({ path }) => path),
      ],
    };
    await writeFile(`${folder}/tsconfig.${language}.json`, JSON.stringify(tsconfig));
    const compiler = `${root}node_modules/typescript/bin/tsc`;
    const args = [compiler, '--project', `${folder}/tsconfig.${language}.json`, '--pretty', 'false'];
    const { stdout } = await run(process.execPath, args).catch((error: { stdout: string }) => error);
    return stdout.split('\n').filter((line) => line !== '');
  }
});

/** Each page has a folder, so that its blocks can import each other. */
function pathOf(block: CodeBlock & { document: string }, index: number): string {
  const { document, language, code, shows, fileName = shows && basename(shows) } = block;
  const isCommonJs = language === 'js' && /\brequire\(|module\.exports/.test(code);
  const name = fileName ?? `block-${index}.${isCommonJs ? 'cjs' : language}`;
  return `${document.replaceAll(/\W/g, '-')}/${name}`;
}

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
