import { setTimeout as lasts } from 'node:timers/promises';
import { defineInstance, openRegistry } from '@rollcall/discovery';
import { freePort, until } from '@rollcall/tools';
import type { Row } from '../row.js';

/** As long as calls must go on, less what the writes and the reading of them take, in ms. */
const goesOnMs = 4_800;

export const swaps: readonly Row[] = [
  {
    event: 'blue/green swap of the whole set, 5 times',
    promise: { failed: '0', longest: '' },
    async run(trial) {
      let blue = await trial.instances();
      const caller = await trial.caller(blue);
      const gaps: number[] = [];
      for (let swap = 0; swap < 5; swap++) {
        const green = await trial.standBy(3);
        await caller.seen();
        await Promise.all(green.map((instance) => instance.serve()));
        // At once, whether anybody has called a green one or not.
        await Promise.all(blue.map((instance) => instance.leave()));
        await caller.hears(green);
        gaps.push((await caller.seen()).gapMs);
        blue = green;
      }
      await caller.end();
      trial.findings.measured('gap', gaps);
    },
  },
  {
    event: 'swapped for dead addresses by mistake, for 5 s',
    promise: { failed: '0 for 5 s', longest: '' },
    async run(trial) {
      // Cut off from the registry, the instances cannot take their records back.
      const links = await Promise.all([trial.link(), trial.link(), trial.link()]);
      const alive = (await Promise.all(links.map(({ url }) => trial.standBy(1, url)))).flat();
      await Promise.all(alive.map((instance) => instance.serve()));
      const caller = await trial.caller(alive);
      const registry = await openRegistry(trial.arena.url());
      trial.onCleanup(() => registry.close());
      const watch = registry.watch(trial.service);
      await watch.ready();
      const known = watch.current.instances;
      await Promise.all(links.map((link) => link.cut()));
      await caller.seen();
      const dead = new Set<number>();
      for (const instance of known) {
        const port = await freePort();
        dead.add(port);
        await trial.arena.operator.overwrite(defineInstance(instance), port);
      }
      await until(() => watch.current.instances.every(({ port }) => dead.has(port)), {
        deadlineMs: 3_000,
        everyMs: 5,
        describe: () => `only dead addresses in the list, not ${JSON.stringify(watch.current.instances)}`,
      });
      await lasts(goesOnMs);
      const report = await caller.seen();
      trial.findings.measured('gap', [report.gapMs]);
      await Promise.all(links.map((link) => link.restore()));
      await caller.hears(alive);
    },
  },
];
