import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type DnsFaults, type DnsProxy, rcodes } from '../../environments/dns-proxy.js';
import type { Observer, RegistryRun } from './registry-run.js';
import { dnsOnly, oneSecond, type RegistryScenario } from './registry-scenario.js';

function dnsOf({ dns }: Observer): DnsProxy {
  if (dns) return dns;
  throw new Error('the observer does not use DNS');
}

/** DNS has no records for a while: as after a mass removal, the shrink guard keeps the list. */
function noRecords(name: string, faults: DnsFaults): RegistryScenario {
  return {
    name,
    recoveryMs: oneSecond,
    notFor: dnsOnly,
    async run(run) {
      await run.provider(3);
      const observer = await run.observer();
      dnsOf(observer).faults = faults;
      await run.until('the instances to be held back', () => observer.watch.current.held.length === 3);
      await sleep(1_000);
      dnsOf(observer).faults = {};
      const tookMs = await run.recovered();
      run.expectNeverBelow(3, observer);
      return tookMs;
    },
  };
}

/** DNS does not do its work for a while: an outage. */
function failure(name: string, faults: DnsFaults, code: string): RegistryScenario {
  return {
    name,
    recoveryMs: oneSecond,
    notFor: dnsOnly,
    async run(run) {
      await run.provider(3);
      const observer = await run.observer();
      dnsOf(observer).faults = faults;
      const noticedMs = await run.untilNoticed(observer);
      run.findings.note(`noticed after ${(noticedMs / 1_000).toFixed(2)} s`);
      expect(observer.watch.current.lastError?.code).toBe(code);
      await run.provider(1);
      await sleep(1_000);
      dnsOf(observer).faults = {};
      const tookMs = await run.recovered();
      run.expectNeverBelow(3, observer);
      return tookMs;
    },
  };
}

/** DNS answers badly, and watchers get hints all the time: the list stays live, or gets there, with few queries. */
function slow(name: string, faults: DnsFaults): RegistryScenario {
  return {
    name,
    recoveryMs: oneSecond,
    notFor: dnsOnly,
    async run(run: RegistryRun) {
      const patient = { requestTimeoutMs: 1_000 };
      await run.provider(2);
      const observer = await run.observer(patient);
      dnsOf(observer).faults = faults;
      const newcomer = await run.startObserver(patient);
      dnsOf(newcomer).faults = faults;
      const hints = setInterval(() => {
        for (const { watch } of [observer, newcomer]) watch.refresh();
      }, 100);
      run.onCleanup(async () => clearInterval(hints));
      const before = dnsOf(observer).queries;
      const from = performance.now();
      await run.until(
        'a watch that started meanwhile to get its list',
        () => newcomer.watch.current.instances.length === 2,
        25_000,
      );
      const listedMs = performance.now() - from;
      await sleep(Math.max(0, 10_000 - listedMs));
      const seconds = (performance.now() - from) / 1_000;
      const rate = (dnsOf(observer).queries - before) / seconds;
      run.findings.note(
        `${rate.toFixed(1)} queries a second; a new watch had a list after ${(listedMs / 1_000).toFixed(1)} s`,
      );
      for (const each of [observer, newcomer]) dnsOf(each).faults = {};
      clearInterval(hints);
      const tookMs = await run.recovered();
      run.expectNeverBelow(2, observer);
      // One in `minIntervalMs`, each asked twice.
      expect(rate).toBeLessThanOrEqual(10);
      return tookMs;
    },
  };
}

export const dnsAnswers: readonly RegistryScenario[] = [
  noRecords('DNS answers NXDOMAIN for a moment: the shrink guard keeps the list', {
    rcode: rcodes.nameError,
  }),
  noRecords('DNS answers without records for a moment: the shrink guard keeps the list', {
    rcode: rcodes.noError,
  }),
  failure(
    'DNS answers SERVFAIL for a moment: the list stays and is marked as last known good',
    { rcode: rcodes.serverFailure },
    'REGISTRY_UNAVAILABLE',
  ),
  failure(
    'DNS answers REFUSED for a moment: the list stays and is marked as last known good',
    { rcode: rcodes.refused },
    'REGISTRY_REFUSED',
  ),
  slow(
    'DNS answers after 1 to 3 s, with refresh hints every 100 ms: the list stays, a new watch gets it, queries stay bounded',
    {
      delayMs: [1_000, 3_000],
    },
  ),
  slow(
    'half of the datagrams get lost, with refresh hints every 100 ms: the list stays, a new watch gets it, queries stay bounded',
    {
      lossRate: 0.5,
    },
  ),
  {
    name: '40 instances, more than Consul puts into a datagram, and it does not say so: all are listed, all the time',
    notFor: dnsOnly,
    async run(run) {
      await run.provider(40);
      const observer = await run.observer();
      let changes = 0;
      observer.watch.onChange(() => (changes += 1));
      const dns = dnsOf(observer);
      const before = dns.queries;
      // Over UDP, then over TCP.
      await run.until('ten lookups', () => dns.queries >= before + 20);
      expect(changes).toBe(0);
      expect(observer.watch.current.instances).toHaveLength(40);
    },
  },
];
