import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrackedProcess } from '@rollcall/tools';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectNoFailedCallWhileOneIsKilled, KillRun, noFailures } from './kill-run.js';
import { hasLastVersion, packLastVersion } from './last-version.js';
import { StrangerProject } from './stranger-project.js';

describe.skipIf(inject('offline') || !(await hasLastVersion()))(
  'the last version and the present one',
  () => {
    let directory: string;
    let last: StrangerProject;
    let present: StrangerProject;
    let both: StrangerProject;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'rollcall-last-version-'));
      const tarball = await packLastVersion(directory);
      last = await StrangerProject.create(['javascript', 'first-version'], {
        '@rollcall/discovery': tarball,
      });
      present = await StrangerProject.create(['javascript']);
      both = await StrangerProject.create(['javascript', 'two-versions'], { 'last-version': tarball });
    });
    afterAll(async () => {
      await Promise.all([last, present, both].map((project) => project?.remove()));
      await rm(directory, { recursive: true, force: true });
    });

    it('share a registry through a rolling upgrade of servers: no call of either version fails', async () => {
      const run = await KillRun.create();
      try {
        const startOld = () => run.startServer(last.path('server.js'));
        const servers = await Promise.all([startOld(), startOld(), startOld()]);
        const callers = await Promise.all(
          [last, present].map((project) => run.startCallers(project.path('client.js'))),
        );
        const untilServedBy = (...these: readonly TrackedProcess[]) =>
          Promise.all(callers.map((each) => each.untilServedBy(...these)));
        await untilServedBy(...servers);
        for (const old of servers) {
          await untilServedBy(await run.startServer(present.path('server.js')));
          expect(await run.stop(old)).toEqual({ code: 0, signal: null });
        }
        for (const each of callers) await each.untilMoreCalls(500);
        for (const each of callers) expect(await each.failures()).toEqual(noFailures);
      } finally {
        await run.close();
      }
    });

    it('work in one process: one of three is killed, one stopped, and no call of either version fails', async () => {
      expect(
        await both.node(
          '--print',
          "require('last-version').Registry === require('@rollcall/discovery').Registry",
        ),
      ).toBe('false\n');
      await expectNoFailedCallWhileOneIsKilled(both.path('server.js'), both.path('client.js'));
    });
  },
);
