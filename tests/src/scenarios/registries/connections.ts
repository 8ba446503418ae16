import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { httpApi } from '../../environments/http-api.js';
import { etcdOf, etcdOnly, needsConnection, oneSecond, type RegistryScenario } from './registry-scenario.js';

/** The promised bound. */
const connectsPerSecond = 10;

export const connections: readonly RegistryScenario[] = [
  {
    name: 'connections reset every 200 ms for 3 s: at most 10 reconnects a second each',
    recoveryMs: oneSecond,
    notFor: needsConnection,
    async run(run) {
      const provider = await run.provider(1);
      const observer = await run.observer();
      const seconds = 3;
      const proxies = [provider.proxy!, observer.proxy!];
      const before = proxies.map(({ accepted }) => accepted);
      for (const proxy of proxies) proxy.resetEvery(200);
      await sleep(seconds * 1_000);
      const rates = proxies.map(({ accepted }, i) => (accepted - before[i]!) / seconds);
      await Promise.all(proxies.map((proxy) => proxy.restore()));
      const tookMs = await run.recovered();
      run.findings.note(`${rates.map((rate) => rate.toFixed(1)).join(' and ')} reconnects a second`);
      for (const rate of rates) expect(rate).toBeLessThanOrEqual(connectsPerSecond);
      expect(observer.lowest).toBe(1);
      return tookMs;
    },
  },
  {
    name: 'connection reset right after the watch was confirmed, three times, with changes in between: no change is missed',
    recoveryMs: oneSecond,
    notFor: needsConnection,
    async run(run) {
      await run.provider(1);
      const observer = await run.observer();
      let resets = 0;
      const confirmed =
        run.environment.kind === 'etcd' ? Buffer.from([0x18, 0x01]) : Buffer.from('X-Consul-Index');
      observer.proxy?.reset();
      observer.proxy?.onResponse((piece, reset) => {
        if (resets === 3 || !piece.includes(confirmed)) return;
        resets += 1;
        reset();
      });
      await run.provider(1);
      await run.until('three resets', () => resets === 3);
      await run.provider(1);
      return run.recovered();
    },
  },
  {
    name: 'etcd compacts its history while the watch is disconnected: the list recovers',
    recoveryMs: oneSecond,
    notFor: etcdOnly,
    async run(run) {
      const { server, operator } = etcdOf(run);
      await run.provider(1);
      const observer = await run.observer();
      await observer.proxy?.cut();
      await run.untilNoticed(observer);
      await run.provider(1);
      await operator.churn(200);
      const { header } = (await httpApi(server, 'POST', '/v3/kv/range', { key: 'AA==' })) as {
        header: { revision: string };
      };
      await httpApi(server, 'POST', '/v3/kv/compaction', { revision: header.revision, physical: true });
      await observer.proxy?.restore();
      return run.recovered();
    },
  },
];
