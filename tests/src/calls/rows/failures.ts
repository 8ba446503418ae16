import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as lasts } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Row } from '../row.js';

const waitForReadyMs = 1_000;
/** An answer that takes longer is none: the deadline of each call is 5 s. */
const hangsMs = 3_000;

export const failures: readonly Row[] = [
  {
    event: `all instances dead, calls wait for ${waitForReadyMs / 1_000} s`,
    promise: { failed: 'UNAVAILABLE, none hangs', longest: '50 ms after the bound' },
    async run(trial) {
      const alive = await trial.instances();
      const caller = await trial.caller(alive, { client: { waitForReadyMs } });
      const [replacement] = await trial.standBy(1);
      await Promise.all(alive.map((instance) => instance.kill()));
      await lasts(waitForReadyMs + 2_000);
      const first = await caller.seen();
      trial.findings.measured('slowest', [first.slowestMs], waitForReadyMs + 50);
      expect(first.slowestMs).toBeLessThan(hangsMs);
      expect(Object.keys(trial.findings.failures)).not.toEqual([]);
      for (const why of Object.keys(trial.findings.failures)) expect(why).toMatch(/^UNAVAILABLE: /);
      trial.findings.forget();
      await lasts(3_000);
      const { slowestMs, calls, failed } = await caller.end();
      trial.findings.measured(`then ${failed} of ${calls} UNAVAILABLE, slowest`, [slowestMs], 50);
      trial.findings.forget();
      expect(failed).toBe(calls);
      await caller.resume();
      await replacement!.serve();
      await caller.hears([replacement!]);
    },
  },
  {
    event: '`http_proxy`, `https_proxy` and `grpc_proxy` set',
    promise: { failed: '0', longest: 'no connection to the proxy' },
    async run(trial) {
      let connections = 0;
      const proxy = createServer((socket) => {
        connections += 1;
        socket.destroy();
      }).listen(0, '127.0.0.1');
      trial.onCleanup(async () => void proxy.close());
      await once(proxy, 'listening');
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const env = { ...process.env, http_proxy: url, https_proxy: url, grpc_proxy: url };
      for (const name of ['no_proxy', 'NO_PROXY', 'no_grpc_proxy']) delete (env as NodeJS.ProcessEnv)[name];
      const alive = await trial.instances();
      const caller = await trial.caller(alive, {}, env);
      await lasts(2_000);
      await caller.end();
      trial.findings.note(`${connections} connections to the proxy`);
      expect(connections).toBe(0);
    },
  },
  {
    event: 'all instances answer errors',
    promise: { failed: 'all; at most 1.2 attempts a call after 10 s', longest: '' },
    async run(trial) {
      const alive = await trial.instances();
      const caller = await trial.caller(alive);
      const attempts = async () => {
        const counts = await Promise.all(alive.map(({ program }) => program.ask('calls')));
        return counts.reduce((sum, count) => sum + count, 0);
      };
      await Promise.all(alive.map(({ program }) => program.ask('refuse')));
      await lasts(10_000);
      await caller.seen();
      trial.findings.forget();
      const before = await attempts();
      await lasts(5_000);
      const { calls, failed, slowestMs } = await caller.seen();
      const perCall = ((await attempts()) - before) / calls;
      for (const why of Object.keys(trial.findings.failures)) expect(why).toMatch(/^UNAVAILABLE: /);
      trial.findings.forget();
      trial.findings.note(
        `${failed} of ${calls} refused; ${perCall.toFixed(2)} attempts a call; slowest ${slowestMs.toFixed(0)} ms`,
      );
      expect(failed).toBe(calls);
      expect(perCall).toBeLessThanOrEqual(1.2);
    },
  },
];
