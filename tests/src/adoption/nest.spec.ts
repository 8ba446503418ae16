import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectNoFailedCallWhileOneIsKilled } from './kill-run.js';
import { StrangerProject } from './stranger-project.js';
import { expectFewUserLines } from './user-lines.js';

/**
 * `generated-*` is what `nest new` of each major version writes, without its README, linters and end-to-end tests, whose
 * installation takes minutes; `nest build` runs the same compiler with the same tsconfig.build.json.
 */
describe.skipIf(inject('offline')).each(['10', '11', '12'])('Nest %s, as generated', (major) => {
  let project: StrangerProject;
  beforeAll(async () => {
    const folders = [`generated-${major}`, 'application', ...(major === '10' ? [] : ['unit-test'])];
    project = await StrangerProject.create(folders.map((folder) => `nest/${folder}`));
    await project.bin('tsc', '--project', 'tsconfig.build.json');
  });
  afterAll(() => project?.remove());

  it('registers and calls in at most 5 lines each', () => expectFewUserLines('nest/application'));

  it('one of three is killed, one stopped: no call of 20 callers fails', async () => {
    // After its shutdown hooks, Nest ends the process with the signal itself.
    const exit = { code: null, signal: 'SIGTERM' } as const;
    await expectNoFailedCallWhileOneIsKilled(
      project.path('dist/main.js'),
      project.path('dist/client.js'),
      exit,
    );
  });

  it.runIf(major === '11')(
    'Jest runs a unit test with the in-memory registry, after one line of configuration',
    async () => {
      await project.configureJest({ transformIgnorePatterns: ['/node_modules/(?!@rollcall/)'] });
      await expect(project.bin('jest', '--silent')).resolves.toBe('');
    },
  );

  it.runIf(major === '12')('Vitest runs a unit test with the in-memory registry', async () => {
    expect(await project.bin('vitest', 'run')).toContain('1 passed');
  });
});
