import { until } from '@rollcall/tools';
import { expect } from 'vitest';
import type { CallScenario } from './call-scenario.js';
import type { Request } from './contract.js';

const times = 100;
/** Replacements that are started at a time. */
const batch = 20;
/** After so many calls the retry budget has room for all 60 calls in flight again. */
const budgetRefill = 600;

const killed = (what: string, request: Request): CallScenario => ({
  name: `one instance killed (SIGKILL), ${times} times, ${what}: no call fails`,
  long: true,
  promise: { failed: '0', longest: 'gap 50 ms' },
  async run(run) {
    const alive = await run.instances();
    const caller = await run.caller(alive, { request });
    const gaps: number[] = [];
    const control: number[] = [];
    while (gaps.length < times) {
      const replacements = await run.standby(batch);
      for (let i = 0; i < 5; i++) {
        await caller.nextWindow();
        await caller.untilCalls(budgetRefill);
        control.push((await caller.nextWindow()).gapMs);
      }
      for (const replacement of replacements) {
        await alive.shift()?.kill();
        await replacement.serve();
        alive.push(replacement);
        await caller.untilResponsesOf(alive);
        await caller.untilInFlightEnded();
        await caller.untilCalls(budgetRefill);
        gaps.push((await caller.nextWindow()).gapMs);
      }
    }
    await caller.stop();
    run.findings.measured('gap', gaps, 50);
    run.findings.measured('without a kill', control);
  },
});

export const kills: readonly CallScenario[] = [
  killed('small responses', {}),
  killed('responses of 150 kB', { responseBytes: 150_000 }),
  killed('headers sent before the response', { earlyMetadata: true }),
  {
    name: 'two of three instances killed (SIGKILL) at once, 10 times: no call fails',
    promise: { failed: '0', longest: 'gap 100 ms' },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive);
      const gaps: number[] = [];
      const replacements = await run.standby(20);
      await caller.nextWindow();
      while (replacements.length > 0) {
        await Promise.all(alive.splice(0, 2).map((instance) => instance.kill()));
        const two = replacements.splice(0, 2);
        await Promise.all(two.map((replacement) => replacement.serve()));
        alive.push(...two);
        await caller.untilResponsesOf(alive);
        await caller.untilInFlightEnded();
        await caller.untilCalls(budgetRefill);
        gaps.push((await caller.nextWindow()).gapMs);
      }
      await caller.stop();
      run.findings.measured('gap', gaps, 100);
    },
  },
  {
    name: 'a request that kills every instance it reaches, among others, 10 times: two instances die, no other call fails',
    promise: { failed: '0', longest: 'gap 100 ms' },
    async run(run) {
      let alive = await run.instances(4);
      const caller = await run.caller(alive);
      const gaps: number[] = [];
      const replacements = await run.standby(20);
      await caller.nextWindow();
      while (replacements.length > 0) {
        expect(await caller.callFailing({ crash: true })).toMatch(/may have crashed the instance/);
        const running = () => alive.filter((instance) => instance.running);
        await until(async () => running().length === 2, {
          deadlineMs: 10_000,
          everyMs: 5,
          describe: () => `two instances; ${running().length} are running`,
        });
        alive = running();
        const two = replacements.splice(0, 2);
        await Promise.all(two.map((replacement) => replacement.serve()));
        alive.push(...two);
        await caller.untilResponsesOf(alive);
        await caller.untilInFlightEnded();
        await caller.untilCalls(budgetRefill);
        gaps.push((await caller.nextWindow()).gapMs);
      }
      await caller.stop();
      run.findings.measured('gap', gaps, 100);
    },
  },
];
