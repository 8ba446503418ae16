import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { CallScenario } from './call-scenario.js';
import { expectShares } from './windows.js';

export const outages: readonly CallScenario[] = [
  {
    name: 'registry down for 60 s, an instance killed meanwhile: no call fails',
    long: true,
    promise: { failed: '0', longest: 'gap 50 ms' },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive);
      await run.environment.kill();
      await sleep(30_000);
      await caller.nextWindow();
      await alive.shift()?.kill();
      await sleep(1_000);
      const { gapMs } = await caller.nextWindow();
      await sleep(29_000);
      expectShares(run, await caller.nextWindow(), alive);
      await run.environment.start();
      const [newcomer] = await run.instances(1);
      await caller.untilResponsesOf([...alive, newcomer!]);
      await caller.stop();
      run.findings.measured('gap', [gapMs], 50);
    },
  },
  {
    name: 'registry wiped, instances register again one by one over 20 s: all keep their share of the calls',
    long: true,
    promise: { failed: '0', longest: 'every instance keeps its share' },
    async run(run) {
      const links = await Promise.all([run.link(), run.link(), run.link()]);
      const alive = (await Promise.all(links.map(({ url }) => run.standby(1, url)))).flat();
      await Promise.all(alive.map((instance) => instance.serve()));
      const caller = await run.caller(alive);
      await Promise.all(links.map((link) => link.cut()));
      await run.environment.kill();
      await run.environment.start({ wipe: true });
      expect(await run.environment.operator.records(run.service)).toEqual([]);
      for (const [index, link] of links.entries()) {
        if (index > 0) await sleep(10_000);
        await link.restore();
        await run.untilRecords(index + 1);
      }
      await sleep(2_000);
      const window = await caller.stop();
      run.findings.measured('gap', [window.gapMs]);
      expectShares(run, window, alive);
    },
  },
  {
    name: 'all records deleted by an operator: no call fails',
    promise: { failed: '0', longest: '' },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive);
      const from = performance.now();
      await run.environment.operator.deleteAll(run.service);
      await run.untilRecords(3);
      run.findings.measured('all registered again after', [performance.now() - from]);
      await sleep(3_000);
      const window = await caller.stop();
      run.findings.measured('gap', [window.gapMs]);
      expectShares(run, window, alive);
    },
  },
  {
    name: 'registry down for 8 s, restarted with its data, and the 30 s after: no call fails',
    long: true,
    promise: { failed: '0', longest: '' },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive);
      await run.environment.kill();
      await sleep(8_000);
      const down = await caller.nextWindow();
      await run.environment.start();
      await sleep(30_000);
      const after = await caller.stop();
      run.findings.measured('gap', [Math.max(down.gapMs, after.gapMs)]);
      expectShares(run, after, alive);
    },
  },
];
