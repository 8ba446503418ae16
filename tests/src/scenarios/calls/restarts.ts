import { setTimeout as sleep } from 'node:timers/promises';
import { fastKeepalive } from '@rollcall/discovery/grpc';
import { until } from '@rollcall/tools';
import { expect } from 'vitest';
import type { CallScenario } from './call-scenario.js';

const rounds = 30;
const pausedMs = 10_000;

export const restarts: readonly CallScenario[] = [
  {
    name: `all instances restarted one after the other (SIGTERM), ${rounds} times, retries off: no call fails`,
    long: true,
    promise: { failed: '0', longest: '' },
    async run(run) {
      const alive = await run.instances();
      // Without the transparent retries of grpc-js, too.
      const caller = await run.caller(alive, {
        method: 'add',
        client: { channelOptions: { 'grpc.enable_retries': 0 } },
      });
      const gaps: number[] = [];
      const shutdownMs: number[] = [];
      for (let round = 0; round < rounds; round += 6) {
        const replacements = await run.standby(6 * alive.length);
        await caller.nextWindow();
        for (const replacement of replacements) {
          const from = performance.now();
          await alive.shift()?.terminate();
          shutdownMs.push(performance.now() - from);
          await replacement.serve();
          alive.push(replacement);
          await caller.untilResponsesOf(alive);
          gaps.push((await caller.nextWindow()).gapMs);
        }
      }
      await caller.stop();
      run.findings.measured('gap', gaps);
      run.findings.measured('shutdown took', shutdownMs);
    },
  },
  {
    name: 'instance terminated (SIGTERM) with a call of 10 s in flight: the call completes',
    long: true,
    promise: { failed: '0', longest: 'the call completes' },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive);
      const from = performance.now();
      const slow = Array.from({ length: 6 }, () => caller.callOnce({ delayMs: 10_000 }, 20_000));
      const busy = await until(
        async () => {
          for (const instance of alive) if ((await instance.remote.call('delayed')) > 0) return instance;
          return undefined;
        },
        { deadlineMs: 5_000, describe: () => 'an instance to work on a slow call' },
      );
      await busy.terminate();
      run.findings.measured('exited after', [performance.now() - from]);
      expect(await Promise.all(slow)).toContain(busy.id);
      await caller.stop();
    },
  },
  {
    name: `one instance paused (SIGSTOP) for ${pausedMs / 1_000} s, keepalive 500/500: no call fails`,
    long: true,
    promise: { failed: '0', longest: 'call 1,050 ms; at least 80 % of the usual throughput' },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive, { client: { channel: fastKeepalive } });
      await sleep(pausedMs);
      const usual = await caller.nextWindow();
      const paused = alive[0]!.remote.process;
      paused.signal('SIGSTOP');
      await sleep(pausedMs);
      const during = await caller.nextWindow();
      paused.signal('SIGCONT');
      await caller.untilResponsesOf(alive);
      await caller.stop();
      run.findings.measured('longest call', [during.slowestMs], 1_050);
      const share = during.calls / usual.calls;
      run.findings.note(`${(share * 100).toFixed(0)} % of the usual throughput`);
      run.findings.note(`at least ${Math.min(...during.perSecond.slice(0, -1))} calls a second`);
      expect(share).toBeGreaterThanOrEqual(0.8);
    },
  },
  {
    name: 'the only instance restarted on the same port, down for a second, 5 times: no call fails',
    promise: { failed: '0', longest: '50 ms after it listens' },
    async run(run) {
      let only = (await run.instances(1))[0]!;
      const caller = await run.caller([only]);
      const delays: number[] = [];
      for (const replacement of await run.standby(5)) {
        await only.kill();
        await sleep(1_000);
        await replacement.serve(only.port);
        only = replacement;
        await caller.nextWindow();
        await caller.untilResponsesOf([only]);
        const first = await only.remote.call('firstCall');
        delays.push(first?.afterListeningMs ?? Infinity);
        // The calls that the kill has hit: see "Not promised" in docs/semantics.md.
        await caller.untilInFlightEnded();
        await caller.untilCalls(1_000);
      }
      await caller.stop();
      run.findings.measured('first call after', delays, 50);
    },
  },
  {
    name: 'new instance from a warm process, 10 times, calls of 20 ms: it is called at once',
    long: true,
    promise: { failed: '0', longest: 'first call 20 ms after its registration' },
    async run(run) {
      const alive = await run.instances();
      // Calls that take no time would keep the caller's event loop busy, and delay what is measured.
      const caller = await run.caller(alive, { request: { delayMs: 20 } });
      const delays: number[] = [];
      for (const newcomer of await run.standby(10)) {
        await newcomer.listen();
        await newcomer.warmUp();
        await caller.nextWindow();
        await newcomer.register();
        await caller.untilResponsesOf([newcomer]);
        const first = await newcomer.remote.call('firstCall');
        delays.push(first?.afterRegisteredMs ?? Infinity);
        await newcomer.terminate();
      }
      await caller.stop();
      run.findings.measured('first call after', delays, 20);
    },
  },
];
