import { setTimeout as sleep } from 'node:timers/promises';
import { defineInstance, openRegistry } from '@rollcall/discovery';
import { freePort, until } from '@rollcall/tools';
import type { CallScenario } from './call-scenario.js';

/** The promised 5 s, less what writing and reading the records takes, in ms. */
const withoutFailureMs = 4_800;

export const swaps: readonly CallScenario[] = [
  {
    name: 'all instances replaced at once (blue/green), 5 times: no call fails',
    promise: { failed: '0', longest: '' },
    async run(run) {
      let blue = await run.instances();
      const caller = await run.caller(blue);
      const gaps: number[] = [];
      for (let swap = 0; swap < 5; swap++) {
        const green = await run.standby(3);
        await caller.nextWindow();
        await Promise.all(green.map((instance) => instance.serve()));
        // At once: the green instances may not have been called yet.
        await Promise.all(blue.map((instance) => instance.terminate()));
        await caller.untilResponsesOf(green);
        gaps.push((await caller.nextWindow()).gapMs);
        blue = green;
      }
      await caller.stop();
      run.findings.measured('gap', gaps);
    },
  },
  {
    name: 'all records overwritten with dead addresses, for 5 s: calls go on to the old ones',
    promise: { failed: '0 for 5 s', longest: '' },
    async run(run) {
      // The instances are cut off from the registry, so that they cannot correct their records.
      const links = await Promise.all([run.link(), run.link(), run.link()]);
      const alive = (await Promise.all(links.map(({ url }) => run.standby(1, url)))).flat();
      await Promise.all(alive.map((instance) => instance.serve()));
      const caller = await run.caller(alive);
      const registry = await openRegistry(run.environment.url());
      run.onCleanup(() => registry.close());
      const watch = registry.watch(run.service);
      await watch.ready();
      const known = watch.current.instances;
      await Promise.all(links.map((link) => link.cut()));
      await caller.nextWindow();
      const dead = new Set<number>();
      for (const instance of known) {
        const port = await freePort();
        dead.add(port);
        await run.environment.operator.overwrite(
          defineInstance({ ...instance, port, registeredAt: Date.now() }),
        );
      }
      await until(() => watch.current.instances.every(({ port }) => dead.has(port)), {
        deadlineMs: 3_000,
        everyMs: 5,
        describe: () => `only dead addresses in the list, not ${JSON.stringify(watch.current.instances)}`,
      });
      await sleep(withoutFailureMs);
      const window = await caller.nextWindow();
      run.findings.measured('gap', [window.gapMs]);
      await Promise.all(links.map((link) => link.restore()));
      await caller.untilResponsesOf(alive);
    },
  },
];
