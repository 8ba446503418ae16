import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { attemptsAt } from './attempts.js';
import type { CallScenario } from './call-scenario.js';

const waitForReadyMs = 1_000;
/** A call that takes longer has hung: its deadline is 5 s. */
const hungMs = 3_000;

export const failures: readonly CallScenario[] = [
  {
    name: `all instances killed, calls wait for ready for ${waitForReadyMs / 1_000} s: they fail with UNAVAILABLE, none hangs`,
    promise: { failed: 'all', longest: '50 ms after the wait' },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive, { client: { waitForReadyMs } });
      const [replacement] = await run.standby(1);
      await Promise.all(alive.map((instance) => instance.kill()));
      await sleep(waitForReadyMs + 2_000);
      const first = await caller.nextWindow();
      run.findings.measured('slowest', [first.slowestMs], waitForReadyMs + 50);
      expect(first.slowestMs).toBeLessThan(hungMs);
      expect(Object.keys(run.findings.failures)).not.toEqual([]);
      for (const reason of Object.keys(run.findings.failures)) expect(reason).toMatch(/^UNAVAILABLE: /);
      run.findings.discardCalls();
      await sleep(3_000);
      const { slowestMs, calls, failed } = await caller.stop();
      run.findings.measured(`then ${failed} of ${calls} UNAVAILABLE, slowest`, [slowestMs], 50);
      run.findings.discardCalls();
      expect(failed).toBe(calls);
      await caller.resume();
      await replacement!.serve();
      await caller.untilResponsesOf([replacement!]);
    },
  },
  {
    name: '`http_proxy`, `https_proxy` and `grpc_proxy` set: calls connect directly',
    promise: { failed: '0', longest: 'no connection to the proxy' },
    async run(run) {
      let connections = 0;
      const proxy = createServer((socket) => {
        connections += 1;
        socket.destroy();
      }).listen(0, '127.0.0.1');
      run.onCleanup(async () => void proxy.close());
      await once(proxy, 'listening');
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const env = { ...process.env, http_proxy: url, https_proxy: url, grpc_proxy: url };
      for (const name of ['no_proxy', 'NO_PROXY', 'no_grpc_proxy']) delete (env as NodeJS.ProcessEnv)[name];
      const alive = await run.instances();
      const caller = await run.caller(alive, {}, env);
      await sleep(2_000);
      await caller.stop();
      run.findings.note(`${connections} connections to the proxy`);
      expect(connections).toBe(0);
    },
  },
  {
    name: 'all instances fail every call: retries stay within their budget',
    long: true,
    promise: { failed: 'all; at most 1.2 attempts a call after 10 s', longest: '' },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive);
      await Promise.all(alive.map(({ remote }) => remote.call('failCalls')));
      await sleep(10_000);
      await caller.nextWindow();
      run.findings.discardCalls();
      const before = (await attemptsAt(alive)).get;
      await sleep(5_000);
      const { calls, failed, slowestMs } = await caller.nextWindow();
      const perCall = ((await attemptsAt(alive)).get - before) / calls;
      for (const reason of Object.keys(run.findings.failures)) expect(reason).toMatch(/^UNAVAILABLE: /);
      run.findings.discardCalls();
      run.findings.note(
        `${failed} of ${calls} UNAVAILABLE; ${perCall.toFixed(2)} attempts a call; slowest ${slowestMs.toFixed(0)} ms`,
      );
      expect(failed).toBe(calls);
      expect(perCall).toBeLessThanOrEqual(1.2);
    },
  },
];
