import { once } from 'node:events';
import { openRegistry } from '@rollcall/discovery';
import { Etcd3 } from 'etcd3';
import type { Source } from './source.js';
import { watchSight } from './watch-sight.js';

/** Records in a real etcd; the control is a bare watcher of the `etcd3` package. */
export async function etcdSource(url: string): Promise<Source> {
  // What was looked at before is not to be in the next measurement.
  const registry = await openRegistry(url, { lingerMs: 0 });
  const etcd = new Etcd3({ hosts: url.replace('etcd://', 'http://') });
  const template = await ownRecord(url, etcd);
  return {
    async count(service) {
      const watcher = etcd.watch().prefix(`${service}/`).watcher();
      let seen = 0;
      watcher.on('put', () => (seen += 1));
      await once(watcher, 'connected');
      return { seen: () => seen, told: () => seen, close: () => watcher.cancel() };
    },
    watch: (service) => watchSight(registry, service),
    async register(service, from, to) {
      const puts = Array.from({ length: to - from }, (_, index) => {
        const number = from + index;
        const record = template
          .replaceAll('template', `instance-${number}`)
          .replace(':10000', `:${10_000 + number}`);
        return etcd.put(`${service}/instance-${number}`).value(record).exec();
      });
      await Promise.all(puts);
    },
    async close() {
      await registry.close();
      etcd.close();
    },
  };
}

/** What the library itself writes for an instance, so that the burst is made of what it would read. */
async function ownRecord(url: string, etcd: Etcd3): Promise<string> {
  const registry = await openRegistry(url);
  const instance = { id: 'template', service: 'template', host: '10.0.0.1', port: 10_000 };
  await registry.register(instance).registered();
  const record = await etcd.get('template/template').string();
  await registry.close();
  if (!record?.includes('template') || !record.includes(':10000')) {
    throw new Error(`etcd holds ${record} as the record of ${JSON.stringify(instance)}`);
  }
  return record;
}
