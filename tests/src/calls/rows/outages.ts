import { setTimeout as lasts } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Instance } from '../instance.js';
import type { Row } from '../row.js';
import type { Report } from '../tally.js';
import type { Trial } from '../trial.js';

/** Each of them has at least nine tenths of what it gets when all is well. */
function expectShares(trial: Trial, { answers }: Report, instances: readonly Instance[]): void {
  const counts = instances.map(({ id }) => answers[id] ?? 0);
  const all = Object.values(answers).reduce((sum, count) => sum + count, 0);
  const shares = counts.map((count) => (count / all) * instances.length);
  trial.findings.note(`shares ${shares.map((share) => share.toFixed(2)).join(', ')}`);
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.9);
}

export const outages: readonly Row[] = [
  {
    event: 'registry dead for 60 s, an instance killed meanwhile',
    promise: { failed: '0', longest: 'gap 50 ms' },
    async run(trial) {
      const alive = await trial.instances();
      const caller = await trial.caller(alive);
      await trial.arena.kill();
      await lasts(30_000);
      await caller.seen();
      await alive.shift()?.kill();
      await lasts(1_000);
      const { gapMs } = await caller.seen();
      await lasts(29_000);
      expectShares(trial, await caller.seen(), alive);
      await trial.arena.start();
      const [newcomer] = await trial.instances(1);
      await caller.hears([...alive, newcomer!]);
      await caller.end();
      trial.findings.measured('gap', [gapMs], 50);
    },
  },
  {
    event: 'registry wiped, the instances come back in it one by one over 20 s',
    promise: { failed: '0', longest: 'every instance that answers keeps its share' },
    async run(trial) {
      const links = await Promise.all([trial.link(), trial.link(), trial.link()]);
      const alive = (await Promise.all(links.map(({ url }) => trial.standBy(1, url)))).flat();
      await Promise.all(alive.map((instance) => instance.serve()));
      const caller = await trial.caller(alive);
      await Promise.all(links.map((link) => link.cut()));
      await trial.arena.kill();
      await trial.arena.start({ wipe: true });
      expect(await trial.arena.operator.records(trial.service)).toEqual([]);
      for (const [index, link] of links.entries()) {
        if (index > 0) await lasts(10_000);
        await link.restore();
        await trial.untilRecords(index + 1);
      }
      await lasts(2_000);
      const report = await caller.end();
      trial.findings.measured('gap', [report.gapMs]);
      expectShares(trial, report, alive);
    },
  },
  {
    event: 'all records deleted by mistake',
    promise: { failed: '0', longest: '' },
    async run(trial) {
      const alive = await trial.instances();
      const caller = await trial.caller(alive);
      const from = performance.now();
      await trial.arena.operator.deleteAll(trial.service);
      await trial.untilRecords(3);
      trial.findings.measured('all back after', [performance.now() - from]);
      await lasts(3_000);
      const report = await caller.end();
      trial.findings.measured('gap', [report.gapMs]);
      expectShares(trial, report, alive);
    },
  },
  {
    event: 'registry down for 8 s with its data, and the 30 s after',
    promise: { failed: '0', longest: '' },
    async run(trial) {
      const alive = await trial.instances();
      const caller = await trial.caller(alive);
      await trial.arena.kill();
      await lasts(8_000);
      const down = await caller.seen();
      await trial.arena.start();
      await lasts(30_000);
      const after = await caller.end();
      trial.findings.measured('gap', [Math.max(down.gapMs, after.gapMs)]);
      expectShares(trial, after, alive);
    },
  },
];
