import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { CallRun, ProxiedInstance } from './call-run.js';
import type { CallScenario } from './call-scenario.js';
import { noteGap, noteRate } from './windows.js';

const stalledMs = 10_000;
const gapMs = 300;
/** Longer than the 20 s after which a connection attempt is given up, so that there is a second one; in ms. */
const unansweredMs = 30_000;
const waitForReadyMs = 3_000;
/** A call that takes longer has hung: its deadline is 5 s. */
const hungMs = 4_500;
const responseBytes = 150_000;

/** Calls three instances behind proxies, the first of which has the fault that `stall` begins and `cure` ends. */
async function stalled(
  run: CallRun,
  request: { readonly responseBytes?: number },
  stall: (first: ProxiedInstance) => void,
  cure: (first: ProxiedInstance) => Promise<void>,
): Promise<void> {
  const proxied = await run.proxied();
  const first = proxied[0]!;
  const caller = await run.caller(
    proxied.map(({ instance }) => instance),
    { request },
  );
  await sleep(stalledMs);
  const usual = await caller.nextWindow();
  stall(first);
  await sleep(stalledMs);
  const during = await caller.nextWindow();
  const from = performance.now();
  await cure(first);
  await caller.untilResponsesOf([first.instance]);
  run.findings.measured('called again after', [performance.now() - from]);
  await caller.nextWindow();
  await sleep(stalledMs);
  const controls = [usual, await caller.stop()];
  noteGap(run.findings, during, controls, gapMs);
  noteRate(run.findings, 'the usual rate', during, controls);
}

export const stalls: readonly CallScenario[] = [
  {
    name: 'one of three instances stalls in the middle of a response of 150 kB, for 10 s: no call fails',
    long: true,
    promise: { failed: '0', longest: `gap ${gapMs} ms; 95 % of the usual rate` },
    async run(run) {
      const stall = ({ proxy }: ProxiedInstance) => {
        let bytes = 0;
        proxy.onResponse((chunk) => {
          if ((bytes += chunk.length) > responseBytes / 2) proxy.blackHole();
        });
      };
      await stalled(run, { responseBytes }, stall, ({ proxy }) => proxy.restore());
    },
  },
  {
    name: 'connections to one of three instances drop every packet for good (no RST), new ones work: no call fails',
    alsoOverHttp: true,
    long: true,
    promise: { failed: '0', longest: `gap ${gapMs} ms; 95 % of the usual rate` },
    async run(run) {
      const stall = ({ proxy }: ProxiedInstance) => proxy.dropConnections();
      await stalled(run, {}, stall, async () => {});
    },
  },
  {
    name: 'one of three instances accepts connections and never answers, for 30 s: no call fails',
    alsoOverHttp: true,
    long: true,
    timeoutMs: 120_000,
    promise: { failed: '0', longest: 'tried again; called within a second of the cure' },
    async run(run) {
      const alive = await run.instances(2);
      const caller = await run.caller(alive);
      const [standby] = await run.standby(1);
      const { instance, proxy } = await run.behindProxy(standby!);
      proxy.blackHole();
      await instance.register(proxy.port);
      await sleep(unansweredMs);
      await caller.nextWindow();
      const { accepted } = proxy;
      const from = performance.now();
      await proxy.restore();
      await caller.untilResponsesOf([instance]);
      run.findings.measured('called after', [performance.now() - from], 1_000);
      run.findings.note(`${accepted} connections in ${unansweredMs / 1_000} s`);
      await caller.stop();
      expect(accepted).toBeGreaterThan(1);
    },
  },
  {
    name: 'the only instance accepts connections and never answers, for 30 s: UNAVAILABLE, none hangs',
    long: true,
    timeoutMs: 120_000,
    promise: {
      failed: 'all after the wait of 3 s',
      longest: 'call 50 ms after the wait; called within a second of the cure',
    },
    async run(run) {
      const [{ instance, proxy }] = (await run.proxied(1)) as [ProxiedInstance];
      const caller = await run.caller([instance]);
      proxy.blackHole();
      proxy.reset();
      await sleep(unansweredMs);
      const { slowestMs, failed } = await caller.nextWindow();
      const { failures } = run.findings;
      const { accepted } = proxy;
      run.findings.discardCalls();
      const from = performance.now();
      await proxy.restore();
      await caller.untilResponsesOf([instance]);
      run.findings.note(`${failed} UNAVAILABLE`);
      run.findings.measured('slowest', [slowestMs], waitForReadyMs + 50);
      run.findings.measured('called after', [performance.now() - from], 1_000);
      run.findings.note(`${accepted - 1} connections in ${unansweredMs / 1_000} s`);
      await caller.stop();
      run.findings.discardCalls();
      expect(failed).toBeGreaterThan(0);
      for (const reason of Object.keys(failures)) expect(reason).toMatch(/^UNAVAILABLE: /);
      expect(slowestMs).toBeLessThan(hungMs);
      // The first is the one that was reset.
      expect(accepted).toBeGreaterThan(2);
    },
  },
];
