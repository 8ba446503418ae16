import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { countAttempts } from './attempts.js';
import type { CallRun } from './call-run.js';
import type { CallScenario } from './call-scenario.js';
import type { Caller } from './caller.js';
import type { ServiceInstance } from './instance.js';
import { expectShares } from './windows.js';

const windowMs = 10_000;
const delayMs = 5;
/** Attempts a call. */
const mostAttempts = 1.1;

/** Counts what `instances` ran of the calls of {@link windowMs}. */
async function expectFewAttempts(
  run: CallRun,
  caller: Caller,
  instances: readonly ServiceInstance[],
): Promise<Awaited<ReturnType<typeof countAttempts>>> {
  const counted = await countAttempts(caller, instances, windowMs);
  const perCall = counted.attempts.get / counted.window.calls;
  run.findings.note(`${perCall.toFixed(3)} attempts a call`);
  run.findings.measured('slowest call', [counted.window.slowestMs]);
  expect(perCall).toBeLessThanOrEqual(mostAttempts);
  return counted;
}

async function slowedDown(run: CallRun, count: number): Promise<void> {
  const alive = await run.instances();
  const caller = await run.caller(alive, { request: { delayMs } });
  await sleep(2_000);
  await caller.nextWindow();
  for (const { remote } of alive.slice(0, count)) await remote.call('slowDown', 10);
  await sleep(1_000);
  await expectFewAttempts(run, caller, alive);
}

export const slowness: readonly CallScenario[] = [
  {
    name: 'one of three instances 10 times slower: no call fails, few are sent twice',
    alsoOverHttp: true,
    long: true,
    promise: { failed: `0; at most ${mostAttempts} attempts a call`, longest: '' },
    run: (run) => slowedDown(run, 1),
  },
  {
    name: 'all instances 10 times slower at once: no call fails, few are sent twice',
    long: true,
    promise: { failed: `0; at most ${mostAttempts} attempts a call`, longest: '' },
    run: (run) => slowedDown(run, 3),
  },
  {
    name: 'calls of 5 s beside calls of 5 ms: none fails, few are sent twice, all instances keep their share',
    long: true,
    promise: { failed: `0; at most ${mostAttempts} attempts a call`, longest: '' },
    async run(run) {
      const alive = await run.instances();
      const slow = { method: 'report', request: { delayMs: 5_000 }, inFlight: 12 } as const;
      const config = { request: { delayMs }, timeoutMs: 15_000, beside: slow };
      const caller = await run.caller(alive, config);
      // How long they take has to be learned first.
      await sleep(windowMs);
      const { besides, attempts, window } = await expectFewAttempts(run, caller, alive);
      const perCall = attempts.report / besides;
      run.findings.note(`${perCall.toFixed(3)} of ${besides} slow calls`);
      expect(perCall).toBeLessThanOrEqual(mostAttempts);
      expectShares(run, window, alive);
    },
  },
  {
    name: 'silent server streams beside calls: none fails, few are sent twice, all instances keep their share',
    long: true,
    promise: { failed: `0; at most ${mostAttempts} attempts a call`, longest: '' },
    async run(run) {
      const alive = await run.instances();
      const beside = { method: 'watch', request: {}, inFlight: 12 } as const;
      const caller = await run.caller(alive, { request: { delayMs }, beside });
      await sleep(windowMs);
      const { attempts, window } = await expectFewAttempts(run, caller, alive);
      run.findings.note(`${attempts.watch} streams`);
      expect(attempts.watch).toBe(beside.inFlight);
      expectShares(run, window, alive);
    },
  },
];
