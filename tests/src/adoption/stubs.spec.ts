import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { root } from '../repository/documents.js';
import { expectNoFailedCallWhileOneIsKilled } from './kill-run.js';
import { run } from './npm.js';
import { StrangerProject } from './stranger-project.js';
import { expectFewUserLines } from './user-lines.js';

describe.skipIf(inject('offline'))('stubs of generators', () => {
  let project: StrangerProject;
  beforeAll(async () => {
    project = await StrangerProject.create(['stubs']);
    await mkdir(project.path('generated'));
    await run(project.directory, join(root, 'node_modules/.bin/buf'), 'generate');
    const types = [
      '--defaults',
      '--grpcLib=@grpc/grpc-js',
      '--importFileExtension=.js',
      '--outDir=generated/proto-loader',
    ];
    await project.bin('proto-loader-gen-types', ...types, 'greeter.proto');
    await project.bin('tsc', '--project', '.');
  });
  afterAll(() => project?.remove());

  describe.each([
    ['ts-proto', 'dist/'],
    ['proto-loader', 'dist/'],
    ['grpc-tools', ''],
  ])('%s', (generator, folder) => {
    it('registers and calls in at most 5 lines each', () => expectFewUserLines('stubs', `${generator}-`));

    it('one of three is killed, one stopped: no call of 20 callers fails', async () => {
      const program = (role: string) => project.path(`${folder}${generator}-${role}.js`);
      await expectNoFailedCallWhileOneIsKilled(program('server'), program('client'));
    });
  });
});
