import { setTimeout as lasts } from 'node:timers/promises';
import { expect } from 'vitest';
import { aSecond, etcdOf, type Fault, noNetwork, onlyEtcd } from '../fault.js';
import { ask } from '../http-api.js';

/** At most so many connects a second: what is promised. */
const connectsASecond = 10;

export const connections: readonly Fault[] = [
  {
    name: 'connections reset every 200 ms for 3 s: at most 10 connects a second each',
    boundMs: aSecond,
    notFor: { file: noNetwork },
    async run(trial) {
      const provider = await trial.provider(1);
      const observer = await trial.observer();
      const seconds = 3;
      const proxies = [provider.proxy!, observer.proxy!];
      const before = proxies.map(({ accepted }) => accepted);
      for (const proxy of proxies) proxy.resetEvery(200);
      await lasts(seconds * 1_000);
      const rates = proxies.map(({ accepted }, i) => (accepted - before[i]!) / seconds);
      await Promise.all(proxies.map((proxy) => proxy.restore()));
      const tookMs = await trial.cured();
      trial.notes.push(`${rates.map((rate) => rate.toFixed(1)).join(' and ')} connects a second`);
      for (const rate of rates) expect(rate).toBeLessThanOrEqual(connectsASecond);
      expect(observer.lowest).toBe(1);
      return tookMs;
    },
  },
  {
    name: 'connection cut right after the watch was confirmed, three times, with changes meanwhile',
    boundMs: aSecond,
    notFor: { file: noNetwork },
    async run(trial) {
      await trial.provider(1);
      const observer = await trial.observer();
      let cuts = 0;
      const confirmed =
        trial.arena.kind === 'etcd' ? Buffer.from([0x18, 0x01]) : Buffer.from('X-Consul-Index');
      observer.proxy?.reset();
      observer.proxy?.onResponse((piece, reset) => {
        if (cuts === 3 || !piece.includes(confirmed)) return;
        cuts += 1;
        reset();
      });
      // While it is cut again and again, one after the other comes.
      await trial.provider(1);
      await trial.until('three cuts', () => cuts === 3);
      await trial.provider(1);
      return trial.cured();
    },
  },
  {
    name: 'etcd compacts while the watch is disconnected',
    boundMs: aSecond,
    notFor: onlyEtcd,
    async run(trial) {
      const { server, operator } = etcdOf(trial);
      await trial.provider(1);
      const observer = await trial.observer();
      await observer.proxy?.cut();
      await trial.blind(observer);
      await trial.provider(1);
      await operator.churn(200);
      const { header } = (await ask(server, 'POST', '/v3/kv/range', { key: 'AA==' })) as {
        header: { revision: string };
      };
      await ask(server, 'POST', '/v3/kv/compaction', { revision: header.revision, physical: true });
      await observer.proxy?.restore();
      return trial.cured();
    },
  },
];
