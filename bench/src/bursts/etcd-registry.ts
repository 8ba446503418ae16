import { once } from 'node:events';
import { openRegistry } from '@rollcall/discovery';
import { Etcd3 } from 'etcd3';
import { type BenchRegistry, observeWatch } from './bench-registry.js';

/** A real etcd; the control is a bare watcher of the `etcd3` package. */
export async function etcdRegistry(url: string): Promise<BenchRegistry> {
  // Without lingering, the watch of one round costs nothing in the next.
  const registry = await openRegistry(url, { lingerMs: 0 });
  const etcd = new Etcd3({ hosts: url.replace('etcd://', 'http://') });
  const template = await recordTemplate(url, etcd);
  return {
    async control(service) {
      const watcher = etcd.watch().prefix(`${service}/`).watcher();
      let records = 0;
      watcher.on('put', () => (records += 1));
      await once(watcher, 'connected');
      return { instances: () => records, notifications: () => records, close: () => watcher.cancel() };
    },
    watch: (service) => observeWatch(registry, service),
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

/** A record as the library itself writes it. */
async function recordTemplate(url: string, etcd: Etcd3): Promise<string> {
  const registry = await openRegistry(url);
  const instance = { id: 'template', service: 'template', host: '10.0.0.1', port: 10_000 };
  await registry.register(instance).registered();
  const record = await etcd.get('template/template').string();
  await registry.close();
  if (!record?.includes('template') || !record.includes(':10000')) {
    throw new Error(`unexpected etcd record ${record} for ${JSON.stringify(instance)}`);
  }
  return record;
}
