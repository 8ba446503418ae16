import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { root } from '../repository/documents.js';
import { expectNoFailedCallWhileOneIsKilled } from './kill-run.js';
import { StrangerProject } from './stranger-project.js';
import { expectFewUserLines } from './user-lines.js';

const offline = inject('offline');

/** As in the package.json of the project. Before 5.6, the declarations of grpc-js do not compile with `bundler`. */
const compilers = { '7.0': 'typescript', '5.6': 'typescript-oldest' };

describe.skipIf(offline)('strict TypeScript, without skipLibCheck', () => {
  let project: StrangerProject;
  beforeAll(async () => (project = await StrangerProject.create(['every-subpath', 'typescript'])));
  afterAll(() => project?.remove());

  const compile = (compiler: string, ...options: readonly string[]) =>
    project.node(`node_modules/${compiler}/bin/tsc`, '--project', '.', ...options);

  it('registers and calls in at most 5 lines each', () => expectFewUserLines('typescript'));

  describe.each(Object.entries(compilers))('TypeScript %s', (_, compiler) => {
    it('compiles for a bundler', async () => {
      const options = ['--noEmit', '--module', 'esnext', '--moduleResolution', 'bundler'];
      await expect(compile(compiler, ...options)).resolves.toBe('');
    });

    it('compiles with nodenext; one of three is killed, one stopped: no call of 20 callers fails', async () => {
      await compile(compiler, '--outDir', `dist-${compiler}`);
      await expectNoFailedCallWhileOneIsKilled(
        project.path(`dist-${compiler}/server.js`),
        project.path(`dist-${compiler}/client.js`),
      );
    });
  });

  it('a project with `moduleResolution: node` finds the declarations of every subpath', async () => {
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', '--module', 'commonjs'];
    const tsc = `node_modules/${compilers['5.6']}/bin/tsc`;
    const compiling = project.node(tsc, ...options, '--moduleResolution', 'node10', 'every-subpath.ts');
    await expect(compiling).resolves.toBe('');
  });
});

describe.skipIf(offline)('the folder copied into a TypeScript project', () => {
  let project: StrangerProject;
  beforeAll(async () => {
    project = await StrangerProject.create(['typescript', 'copied']);
    const source = join(root, 'libs/discovery/src');
    const filter = (path: string) => !/\.spec\.|[\\/]fixtures([\\/]|$)/.test(path);
    await cp(source, project.path('discovery'), { recursive: true, filter });
    for (const file of ['client.ts', 'server.ts']) {
      const text = await readFile(project.path(file), 'utf8');
      const copied = text.replaceAll(
        /'@rollcall\/discovery(\/\w+)?'/g,
        (_, subpath = '') => `'./discovery${subpath}/index.js'`,
      );
      await writeFile(project.path(file), copied);
    }
  });
  afterAll(() => project?.remove());

  it('compiles with the oldest compiler; one of three is killed, one stopped: no call of 20 callers fails', async () => {
    expect(await readdir(project.path('node_modules/@rollcall')).catch(() => [])).toEqual([]);
    const options = ['--target', 'es2023', '--skipLibCheck'];
    await project.bin('tsc', '--project', 'tsconfig.json', ...options);
    await expectNoFailedCallWhileOneIsKilled(project.path('dist/server.js'), project.path('dist/client.js'));
  });
});
