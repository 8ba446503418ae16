import { setTimeout as lasts } from 'node:timers/promises';
import { expect } from 'vitest';
import { aSecond, type Fault, noNetwork } from '../fault.js';
import type { Trial } from '../trial.js';

/** The guard would hide a dip: an observer that believes everything shows whether the registry's own list has one. */
const credulous = { shrinkGuard: { maxShrink: 1 } };
/** More than any outage of a server takes that is killed and started. */
const patientTtlMs = 12_000;

/** A killed registry, down for at least `downMs`. */
async function outage(trial: Trial, downMs: number, wipe = false): Promise<void> {
  const downSince = performance.now();
  await trial.arena.kill();
  await lasts(Math.max(0, downMs - (performance.now() - downSince)));
  await trial.start({ wipe });
}

export const outages: readonly Fault[] = [
  {
    name: 'registry away at start: registered and seen when it comes',
    boundMs: aSecond,
    async run(trial) {
      await trial.arena.kill();
      const provider = await trial.register(2);
      await trial.look();
      await trial.until('the registration to say why it waits', () =>
        provider.registrations.every(({ state }) => 'lastError' in state && state.lastError !== undefined),
      );
      await trial.start();
      return trial.cured();
    },
  },
  {
    name: 'registry killed, back with its data before the TTL is over: the list does not dip',
    boundMs: aSecond,
    async run(trial) {
      await trial.provider(3, { ttlMs: patientTtlMs });
      // A server of Consul that restarts may tell of an older state for a moment, until it has read its log: the guard's.
      const guarded = trial.arena.kind === 'consul';
      const observer = await trial.observer(guarded ? {} : credulous);
      if (guarded) trial.notes.push('with the guard: a server answers before it has read its log');
      await outage(trial, 500);
      const tookMs = await trial.cured();
      expect(observer.lowest).toBe(3);
      return tookMs;
    },
  },
  {
    name: 'registry killed, back with its data after the TTL: the list does not dip',
    boundMs: aSecond,
    async run(trial) {
      await trial.provider();
      // Consul and a directory count a TTL on while they are away; etcd gives each lease its full time again. What has
      // lapsed in between is the guard's.
      const guarded = trial.arena.kind !== 'etcd';
      const observer = await trial.observer(guarded ? {} : credulous);
      if (guarded) trial.notes.push('with the guard: the TTL runs while it is away');
      await outage(trial, trial.arena.ttlMs + 1_000);
      const tookMs = await trial.cured();
      trial.expectNoDip(observer, 3);
      return tookMs;
    },
  },
  {
    name: 'registry killed: the last known good list stays, and says so',
    async run(trial) {
      await trial.provider();
      const observer = await trial.observer();
      await trial.arena.kill();
      const noticedMs = await trial.blind(observer);
      trial.notes.push(`noticed after ${(noticedMs / 1_000).toFixed(2)} s`);
      expect(observer.watch.current.instances).toHaveLength(3);
      expect(observer.watch.why()).toMatchObject({
        source: 'last-known-good',
        lastError: { code: expect.stringMatching(/^REGISTRY_/) },
      });
      await trial.start();
      return trial.cured();
    },
  },
  {
    name: 'registry wiped after thousands of writes: the new store is far behind',
    boundMs: aSecond,
    async run(trial) {
      await trial.arena.operator.churn(3_000);
      await trial.provider();
      const observer = await trial.observer();
      await outage(trial, 0, true);
      const tookMs = await trial.cured();
      trial.expectNoDip(observer, 3);
      return tookMs;
    },
  },
  {
    name: 'registry restored from an older state',
    boundMs: aSecond,
    async run(trial) {
      await trial.provider(2);
      const restore = await trial.arena.checkpoint(trial.service);
      await trial.provider(1);
      const observer = await trial.observer();
      // More than once: what a registry tells its watchers meanwhile is a matter of luck.
      let slowestMs = 0;
      for (let n = 0; n < 3; n++) {
        await trial.arena.operator.churn(200);
        await restore();
        slowestMs = Math.max(slowestMs, await trial.cured());
      }
      expect(observer.lowest).toBeGreaterThanOrEqual(2);
      return slowestMs;
    },
  },
  {
    name: 'registry frozen (SIGSTOP) longer than the TTL',
    boundMs: aSecond,
    notFor: { file: 'a directory does not freeze' },
    async run(trial) {
      await trial.provider();
      const observer = await trial.observer();
      await trial.arena.freeze();
      await lasts(trial.arena.ttlMs + 2_000);
      await trial.arena.thaw();
      const tookMs = await trial.cured();
      trial.expectNoDip(observer, 3);
      return tookMs;
    },
  },
  {
    name: 'network cut longer than the TTL, for all',
    boundMs: aSecond,
    notFor: { file: noNetwork },
    async run(trial) {
      const provider = await trial.provider();
      const observer = await trial.observer();
      await Promise.all([provider.proxy?.cut(), observer.proxy?.cut()]);
      await trial.blind(observer);
      await lasts(trial.arena.ttlMs + 1_000);
      await Promise.all([provider.proxy?.restore(), observer.proxy?.restore()]);
      const tookMs = await trial.cured();
      trial.expectNoDip(observer, 3);
      return tookMs;
    },
  },
  {
    name: 'black hole: noticed in time, right when it ends',
    boundMs: aSecond,
    notFor: { file: noNetwork },
    async run(trial) {
      const provider = await trial.provider();
      const observer = await trial.observer();
      provider.proxy?.blackHole();
      observer.proxy?.blackHole();
      const noticedMs = await trial.blind(observer);
      const bound = trial.arena.silenceMs / 1_000;
      trial.notes.push(`noticed after ${(noticedMs / 1_000).toFixed(1)} s of ${bound.toFixed(1)}`);
      await Promise.all([provider.proxy?.restore(), observer.proxy?.restore()]);
      const tookMs = await trial.cured();
      trial.expectNoDip(observer, 3);
      return tookMs;
    },
  },
];
