import { setTimeout as lasts } from 'node:timers/promises';
import { fastKeepalive } from '@rollcall/discovery/grpc';
import { until } from '@rollcall/tools';
import { expect } from 'vitest';
import type { Row } from '../row.js';

const rounds = 30;
const frozenMs = 10_000;

export const leaving: readonly Row[] = [
  {
    event: `SIGTERM, a rolling restart of all, ${rounds} times, retries off`,
    promise: { failed: '0', longest: '' },
    async run(trial) {
      const alive = await trial.instances();
      // Not even those that grpc-js makes by itself.
      const caller = await trial.caller(alive, {
        method: 'add',
        client: { channelOptions: { 'grpc.enable_retries': 0 } },
      });
      const gaps: number[] = [];
      const leaveMs: number[] = [];
      for (let round = 0; round < rounds; round += 6) {
        const replacements = await trial.standBy(6 * alive.length);
        await caller.seen();
        for (const replacement of replacements) {
          const from = performance.now();
          await alive.shift()?.leave();
          leaveMs.push(performance.now() - from);
          await replacement.serve();
          alive.push(replacement);
          await caller.hears(alive);
          gaps.push((await caller.seen()).gapMs);
        }
      }
      await caller.end();
      trial.findings.measured('gap', gaps);
      trial.findings.measured('to leave', leaveMs);
    },
  },
  {
    event: 'SIGTERM with a call of 10 s in flight',
    promise: { failed: '0', longest: 'the call completes' },
    async run(trial) {
      const alive = await trial.instances();
      const caller = await trial.caller(alive);
      const from = performance.now();
      const slow = Array.from({ length: 6 }, () => caller.once({ delayMs: 10_000 }, 20_000));
      const leaver = await until(
        async () => {
          for (const instance of alive) if ((await instance.program.ask('held')) > 0) return instance;
          return undefined;
        },
        { deadlineMs: 5_000, describe: () => 'an instance that works on a slow call' },
      );
      await leaver.leave();
      trial.findings.measured('left after', [performance.now() - from]);
      expect(await Promise.all(slow)).toContain(leaver.id);
      await caller.end();
    },
  },
  {
    event: `SIGSTOP of one for ${frozenMs / 1_000} s, keepalive 500/500`,
    promise: { failed: '0', longest: 'call 1,050 ms; at least 80 % of the calls without' },
    async run(trial) {
      const alive = await trial.instances();
      const caller = await trial.caller(alive, { client: { channel: fastKeepalive } });
      await lasts(frozenMs);
      const without = await caller.seen();
      const frozen = alive[0]!.program.process;
      frozen.signal('SIGSTOP');
      await lasts(frozenMs);
      const during = await caller.seen();
      frozen.signal('SIGCONT');
      await caller.hears(alive);
      await caller.end();
      trial.findings.measured('longest call', [during.slowestMs], 1_050);
      const share = during.calls / without.calls;
      trial.findings.note(`${(share * 100).toFixed(0)} % of the calls without`);
      trial.findings.note(`at least ${Math.min(...during.perSecond.slice(0, -1))} calls a second`);
      expect(share).toBeGreaterThanOrEqual(0.8);
    },
  },
  {
    event: 'the only instance restarted on the same port, down for a second, 5 times',
    promise: { failed: '0', longest: '50 ms after it listens' },
    async run(trial) {
      let only = (await trial.instances(1))[0]!;
      const caller = await trial.caller([only]);
      const delays: number[] = [];
      for (const replacement of await trial.standBy(5)) {
        await only.kill();
        await lasts(1_000);
        await replacement.serve(only.port);
        only = replacement;
        await caller.seen();
        await caller.hears([only]);
        const first = await only.program.ask('firstCall');
        delays.push(first?.afterListeningMs ?? Infinity);
        await caller.calls(1_000);
      }
      await caller.end();
      trial.findings.measured('first call after', delays, 50);
    },
  },
  {
    event: 'a new instance, a warm process, 10 times, calls of 20 ms',
    promise: { failed: '0', longest: 'first call 20 ms after its registration' },
    async run(trial) {
      const alive = await trial.instances();
      // With answers that take no time the caller has no turn of its event loop to spare, and that is what would be measured.
      const caller = await trial.caller(alive, { request: { delayMs: 20 } });
      const delays: number[] = [];
      for (const newcomer of await trial.standBy(10)) {
        await newcomer.listen();
        await newcomer.warmUp();
        await caller.seen();
        await newcomer.register();
        await caller.hears([newcomer]);
        const first = await newcomer.program.ask('firstCall');
        delays.push(first?.afterRegisteredMs ?? Infinity);
        await newcomer.leave();
      }
      await caller.end();
      trial.findings.measured('first call after', delays, 20);
    },
  },
];
