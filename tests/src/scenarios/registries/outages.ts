import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { RegistryRun } from './registry-run.js';
import { needsNetwork, oneSecond, type RegistryScenario } from './registry-scenario.js';

/** Without the shrink guard an observer shows the registry's own list, with every dip. */
const unguarded = { shrinkGuard: { maxShrink: 1 } };
/** Longer than a server takes to be killed and started. */
const longTtlMs = 12_000;

/** Kills the registry and starts it after at least `downMs`. */
async function outage(run: RegistryRun, downMs: number, wipe = false): Promise<void> {
  const downSince = performance.now();
  await run.environment.kill();
  await sleep(Math.max(0, downMs - (performance.now() - downSince)));
  await run.startRegistry({ wipe });
}

export const outages: readonly RegistryScenario[] = [
  {
    name: 'registry down at start: instances register and are listed once it is up',
    recoveryMs: oneSecond,
    async run(run) {
      await run.environment.kill();
      const provider = await run.startProvider(2);
      await run.startObserver();
      await run.until('the registrations to report an error', () =>
        provider.registrations.every(({ state }) => 'lastError' in state && state.lastError !== undefined),
      );
      await run.startRegistry();
      return run.recovered();
    },
  },
  {
    name: 'registry killed, restarted with its data within the TTL: the list never shrinks',
    recoveryMs: oneSecond,
    async run(run) {
      await run.provider(3, { ttlMs: longTtlMs });
      // A Consul server answers with an older state until it has replayed its log. The shrink guard covers that.
      const guarded = ['consul', 'srv'].includes(run.environment.kind);
      const observer = await run.observer(guarded ? {} : unguarded);
      if (guarded)
        run.findings.note('with the shrink guard: a server answers before it has replayed its log');
      await outage(run, 500);
      const tookMs = await run.recovered();
      expect(observer.lowest).toBe(3);
      return tookMs;
    },
  },
  {
    name: 'registry killed, restarted with its data after the TTL: the list never shrinks',
    recoveryMs: oneSecond,
    async run(run) {
      await run.provider();
      // The TTL runs on while Consul or a directory is down, and the shrink guard keeps what expired; etcd renews every
      // lease when it starts.
      const guarded = run.environment.kind !== 'etcd';
      const observer = await run.observer(guarded ? {} : unguarded);
      if (guarded) run.findings.note('with the shrink guard: the TTL runs on during the outage');
      await outage(run, run.environment.ttlMs + 1_000);
      const tookMs = await run.recovered();
      run.expectNeverBelow(3, observer);
      return tookMs;
    },
  },
  {
    name: 'registry killed: the last known good list stays and is marked as such',
    async run(run) {
      await run.provider();
      const observer = await run.observer();
      await run.environment.kill();
      const noticedMs = await run.untilNoticed(observer);
      run.findings.note(`noticed after ${(noticedMs / 1_000).toFixed(2)} s`);
      expect(observer.watch.current.instances).toHaveLength(3);
      expect(observer.watch.why()).toMatchObject({
        source: 'last-known-good',
        lastError: { code: expect.stringMatching(/^REGISTRY_/) },
      });
      await run.startRegistry();
      return run.recovered();
    },
  },
  {
    name: 'registry wiped after thousands of writes, so that its revision goes far back: the list never shrinks',
    recoveryMs: oneSecond,
    async run(run) {
      await run.environment.operator.churn(3_000);
      await run.provider();
      const observer = await run.observer();
      await outage(run, 0, true);
      const tookMs = await run.recovered();
      run.expectNeverBelow(3, observer);
      return tookMs;
    },
  },
  {
    name: 'registry restored from an older snapshot: instances and lists recover',
    recoveryMs: oneSecond,
    async run(run) {
      await run.provider(2);
      const restore = await run.environment.checkpoint(run.service);
      await run.provider(1);
      const observer = await run.observer();
      // Three times: what a registry sends to watchers during a restore varies.
      let slowestMs = 0;
      for (let n = 0; n < 3; n++) {
        await run.environment.operator.churn(200);
        await restore();
        slowestMs = Math.max(slowestMs, await run.recovered());
      }
      expect(observer.lowest).toBeGreaterThanOrEqual(2);
      return slowestMs;
    },
  },
  {
    name: 'registry frozen (SIGSTOP) for longer than the TTL: the list never shrinks',
    recoveryMs: oneSecond,
    notFor: { file: 'a directory cannot freeze' },
    async run(run) {
      await run.provider();
      const observer = await run.observer();
      await run.environment.freeze();
      await sleep(run.environment.ttlMs + 2_000);
      await run.environment.thaw();
      const tookMs = await run.recovered();
      run.expectNeverBelow(3, observer);
      return tookMs;
    },
  },
  {
    name: 'network cut for longer than the TTL, for instances and observers: the list never shrinks',
    recoveryMs: oneSecond,
    notFor: needsNetwork,
    async run(run) {
      const provider = await run.provider();
      const observer = await run.observer();
      await Promise.all([provider.proxy?.cut(), observer.network?.cut()]);
      await run.untilNoticed(observer);
      await sleep(run.environment.ttlMs + 1_000);
      await Promise.all([provider.proxy?.restore(), observer.network?.restore()]);
      const tookMs = await run.recovered();
      run.expectNeverBelow(3, observer);
      return tookMs;
    },
  },
  {
    name: 'network drops everything (black hole): noticed in time, and the list never shrinks',
    long: true,
    recoveryMs: oneSecond,
    notFor: needsNetwork,
    async run(run) {
      const provider = await run.provider();
      const observer = await run.observer();
      provider.proxy?.blackHole();
      observer.network?.blackHole();
      const noticedMs = await run.untilNoticed(observer);
      const bound = run.environment.noticeWithinMs / 1_000;
      run.findings.note(`noticed after ${(noticedMs / 1_000).toFixed(1)} s of ${bound.toFixed(1)}`);
      await Promise.all([provider.proxy?.restore(), observer.network?.restore()]);
      const tookMs = await run.recovered();
      run.expectNeverBelow(3, observer);
      return tookMs;
    },
  },
];
