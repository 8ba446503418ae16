import type { Request } from '../contract.js';
import type { Row } from '../row.js';

const times = 100;
/** Replacements that stand by at a time. */
const batch = 20;
/** So many calls earn back what sending 60 again, as many as are in flight, takes out of the budget. */
const earnedBack = 600;

const killing = (what: string, request: Request): Row => ({
  event: `kill -9 of one, ${times} times, ${what}`,
  promise: { failed: '0', longest: 'gap 50 ms' },
  async run(trial) {
    const alive = await trial.instances();
    const caller = await trial.caller(alive, { request });
    const gaps: number[] = [];
    const control: number[] = [];
    while (gaps.length < times) {
      const replacements = await trial.standBy(batch);
      for (let i = 0; i < 5; i++) {
        await caller.seen();
        await caller.calls(earnedBack);
        control.push((await caller.seen()).gapMs);
      }
      for (const replacement of replacements) {
        await alive.shift()?.kill();
        await replacement.serve();
        alive.push(replacement);
        await caller.hears(alive);
        await caller.calls(earnedBack);
        gaps.push((await caller.seen()).gapMs);
      }
    }
    await caller.end();
    trial.findings.measured('gap', gaps, 50);
    trial.findings.measured('without a kill', control);
  },
});

export const kills: readonly Row[] = [
  killing('small responses', {}),
  killing('responses of 150 kB', { responseBytes: 150_000 }),
  killing('headers before the rest', { earlyMetadata: true }),
  {
    event: 'kill -9 of two of three at once, 10 times',
    promise: { failed: '0', longest: 'gap 100 ms' },
    async run(trial) {
      const alive = await trial.instances();
      const caller = await trial.caller(alive);
      const gaps: number[] = [];
      const replacements = await trial.standBy(20);
      await caller.seen();
      while (replacements.length > 0) {
        await Promise.all(alive.splice(0, 2).map((victim) => victim.kill()));
        const two = replacements.splice(0, 2);
        await Promise.all(two.map((replacement) => replacement.serve()));
        alive.push(...two);
        await caller.hears(alive);
        await caller.calls(earnedBack);
        gaps.push((await caller.seen()).gapMs);
      }
      await caller.end();
      trial.findings.measured('gap', gaps, 100);
    },
  },
];
