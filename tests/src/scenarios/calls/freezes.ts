import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@rollcall/tools';
import { expect } from 'vitest';
import { duplicatesAt } from './attempts.js';
import type { CallRun } from './call-run.js';
import type { CallScenario } from './call-scenario.js';
import type { Caller } from './caller.js';
import type { ServiceInstance } from './instance.js';
import { noteGap, noteRate } from './windows.js';

const frozenMs = 10_000;
const gapMs = 300;
/** How much longer than usual a call may take at one call a second, in ms. */
const lateMs = 1_000;
/** Blocked for less than a ping may be unanswered, in ms. */
const blockedMs = 3_000;

/** Waits until a frozen instance that was thawed responds again. */
async function thaw(run: CallRun, caller: Caller, frozen: readonly ServiceInstance[]): Promise<void> {
  const from = performance.now();
  for (const instance of frozen) instance.thaw();
  await caller.untilResponsesOf(frozen);
  run.findings.measured('thawed, called again after', [performance.now() - from]);
}

async function slowCalls(run: CallRun, caller: Caller, frozen: ServiceInstance): Promise<void> {
  frozen.freeze();
  await caller.resume(1);
  await sleep(frozenMs);
  const { slowestMs, calls, responses } = await caller.stop();
  run.findings.measured('longest call', [slowestMs], lateMs);
  expect(calls).toBeGreaterThanOrEqual(8);
  expect(responses[frozen.id]).toBeUndefined();
}

export const freezes: readonly CallScenario[] = [
  {
    name: 'one of three instances frozen (SIGSTOP) for 10 s: no call fails',
    alsoOverHttp: true,
    long: true,
    promise: { failed: '0', longest: `gap ${gapMs} ms; 95 % of the usual rate` },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive);
      await sleep(frozenMs);
      const usual = await caller.nextWindow();
      alive[0]!.freeze();
      await sleep(frozenMs);
      const during = await caller.nextWindow();
      await thaw(run, caller, alive.slice(0, 1));
      await caller.nextWindow();
      await sleep(frozenMs);
      const controls = [usual, await caller.stop()];
      noteGap(run.findings, during, controls, gapMs);
      noteRate(run.findings, 'the usual rate', during, controls);
    },
  },
  {
    name: 'two of three instances frozen (SIGSTOP) for 10 s: no call fails',
    alsoOverHttp: true,
    long: true,
    promise: { failed: '0', longest: `gap ${gapMs} ms; 95 % of the rate of one instance` },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive);
      const [frozen, rest] = [alive.slice(0, 2), alive.slice(2)];
      // Both windows are measured with code that is compiled.
      await sleep(frozenMs);
      await caller.nextWindow();
      for (const instance of frozen) instance.freeze();
      await sleep(frozenMs);
      const during = await caller.nextWindow();
      await thaw(run, caller, frozen);
      await Promise.all(frozen.map((instance) => instance.terminate()));
      await caller.nextWindow();
      await sleep(frozenMs);
      const single = await caller.stop();
      expect(Object.keys(single.responses)).toEqual(rest.map(({ id }) => id));
      noteGap(run.findings, during, [single], gapMs);
      noteRate(run.findings, 'the rate of one instance', during, [single]);
    },
  },
  {
    name: 'one of three instances frozen and thawed every 2 s, 10 times: no call fails',
    long: true,
    promise: { failed: '0', longest: `gap ${gapMs} ms` },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive);
      await sleep(frozenMs);
      const usual = await caller.nextWindow();
      for (let time = 0; time < 10; time++) {
        alive[0]!.freeze();
        await sleep(2_000);
        alive[0]!.thaw();
        await sleep(2_000);
      }
      const during = await caller.nextWindow();
      noteGap(run.findings, during, [usual], gapMs);
      noteRate(run.findings, 'the usual rate', during, [usual], 0);
      await caller.untilResponsesOf(alive);
      await caller.stop();
    },
  },
  {
    name: 'one of three instances frozen (SIGSTOP) for 10 s, one call a second: no call fails',
    alsoOverHttp: true,
    long: true,
    promise: { failed: '0', longest: 'call a second' },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive);
      await caller.stop();
      await slowCalls(run, caller, alive[0]!);
    },
  },
  {
    name: 'one of three instances frozen (SIGSTOP) before the first call, one call a second: no call fails',
    long: true,
    promise: { failed: '0', longest: 'call a second' },
    async run(run) {
      const proxied = await run.proxied();
      const connected = new Set<object>();
      for (const { proxy } of proxied) proxy.onResponse(() => connected.add(proxy));
      const caller = await run.idleCaller();
      await caller.connect();
      // The server speaks first in HTTP/2: from then on the connection is in use.
      await until(() => connected.size === proxied.length, {
        deadlineMs: 10_000,
        describe: () => 'the SETTINGS of each instance',
      });
      await sleep(500);
      await slowCalls(run, caller, proxied[0]!.instance);
    },
  },
  {
    name: 'one of three instances with a blocked event loop for 3 s: no call fails',
    promise: { failed: '0', longest: '' },
    run: (run) => blocked(run, 'get'),
  },
  {
    name: 'one of three instances with a blocked event loop for 3 s, calls that are not idempotent: none fails or runs twice',
    alsoOverHttp: true,
    promise: { failed: '0', longest: '' },
    run: (run) => blocked(run, 'add'),
  },
  {
    name: 'one of three instances frozen (SIGSTOP) for 15 s, calls that are not idempotent: UNAVAILABLE long before their deadline, none runs twice',
    long: true,
    promise: { failed: 'those that the frozen instance has', longest: 'call 6 s' },
    async run(run) {
      const alive = await run.instances();
      const caller = await run.caller(alive, { method: 'add', timeoutMs: 20_000 });
      const frozen = alive[0]!;
      await sleep(5_000);
      const usual = await caller.nextWindow();
      frozen.freeze();
      await sleep(15_000);
      const during = await caller.nextWindow();
      const { failed, slowestMs, calls } = during;
      const { failures } = run.findings;
      run.findings.discardCalls();
      run.findings.note(`${failed} of ${calls} UNAVAILABLE`);
      run.findings.measured('slowest', [slowestMs], 6_000);
      noteGap(run.findings, during, [usual]);
      await thaw(run, caller, [frozen]);
      await caller.stop();
      expect(failed).toBeGreaterThan(0);
      // Each of the 60 in flight at most once: after that no call picks the instance.
      expect(failed).toBeLessThanOrEqual(60);
      for (const reason of Object.keys(failures)) expect(reason).toMatch(/^UNAVAILABLE: /);
      expect(slowestMs).toBeLessThan(10_000);
      expect(await duplicatesAt(alive)).toBe(0);
    },
  },
];

async function blocked(run: CallRun, method: 'get' | 'add'): Promise<void> {
  const alive = await run.instances();
  const caller = await run.caller(alive, { method });
  await sleep(blockedMs + 1_000);
  const usual = await caller.nextWindow();
  await alive[0]!.remote.call('block', blockedMs);
  await sleep(blockedMs + 1_000);
  const during = await caller.nextWindow();
  noteGap(run.findings, during, [usual]);
  await caller.untilResponsesOf(alive);
  await caller.stop();
  if (method === 'get') return;
  const duplicates = await duplicatesAt(alive);
  run.findings.note(`${duplicates} ran twice`);
  expect(duplicates).toBe(0);
}
