import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy } from '@rollcall/discovery/testing';
import { expect } from 'vitest';
import type { CallScenario } from './call-scenario.js';
import { whyNoGoServer } from './go-instance.js';
import { noteGap, noteRate } from './windows.js';

const frozenMs = 10_000;
const gapMs = 300;
/** How long a server is frozen and thawed again: `FREEZE_MINUTES=10` for the long run. */
const minutes = Number(process.env['FREEZE_MINUTES'] ?? 1);
/** Shorter and longer than a ping may be unanswered, in ms. */
const freezesMs = [1_000, 3_000, 7_000];

/**
 * Counts the connections that the server closes because of pings: the debug data of its GOAWAY.
 * https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md
 */
function countTooManyPings(proxy: FaultProxy): () => number {
  let count = 0;
  proxy.onResponse((chunk) => {
    if (chunk.includes('too_many_pings')) count += 1;
  });
  return () => count;
}

export const goServers: readonly CallScenario[] = [
  {
    name: 'one of three instances is a server of grpc-go, frozen (SIGSTOP) for 10 s: no call fails',
    long: true,
    notIn: whyNoGoServer,
    promise: { failed: '0', longest: `gap ${gapMs} ms; 95 % of the usual rate` },
    async run(run) {
      const alive = await run.instances(2);
      const { instance: frozen, proxy } = await run.goInstance();
      const tooManyPings = countTooManyPings(proxy);
      const caller = await run.caller([...alive, frozen]);
      await sleep(frozenMs);
      const usual = await caller.nextWindow();
      frozen.freeze();
      await sleep(frozenMs);
      const during = await caller.nextWindow();
      frozen.thaw();
      await caller.untilResponsesOf([frozen]);
      await caller.nextWindow();
      await sleep(frozenMs);
      const controls = [usual, await caller.stop()];
      noteGap(run.findings, during, controls, gapMs);
      noteRate(run.findings, 'the usual rate', during, controls);
      expect(tooManyPings()).toBe(0);
    },
  },
  {
    name: `one of three instances is a server of grpc-go, frozen and thawed for ${minutes} min: no call fails, no GOAWAY for pings`,
    long: true,
    timeoutMs: minutes * 60_000 + 120_000,
    notFor: { file: 'run on Consul', etcd: 'run on Consul' },
    notIn: whyNoGoServer,
    promise: { failed: '0; 0 connections closed for too many pings', longest: '' },
    async run(run) {
      const alive = await run.instances(2);
      const { instance: frozen, proxy } = await run.goInstance();
      const tooManyPings = countTooManyPings(proxy);
      const busy = await run.caller([...alive, frozen]);
      // Few responses reset the server's count of pings.
      const rare = await run.idleCaller();
      await rare.connect();
      await rare.resume(1);
      const until = performance.now() + minutes * 60_000;
      let freezes = 0;
      while (performance.now() < until) {
        frozen.freeze();
        await sleep(freezesMs[freezes++ % freezesMs.length]);
        frozen.thaw();
        await busy.nextWindow();
        await busy.untilResponsesOf([frozen]);
        await sleep(2_000);
      }
      await Promise.all([busy.stop(), rare.stop()]);
      run.findings.note(`${freezes} freezes, ${proxy.accepted} connections`);
      run.findings.note(`${tooManyPings()} closed for too many pings`);
      expect(tooManyPings()).toBe(0);
    },
  },
];
