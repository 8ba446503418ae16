import { once } from 'node:events';
import { openRegistry } from '@rollcall/discovery';
import { Etcd3 } from 'etcd3';
import { hostOf, idOf, portOf, type Reader, type RecordWriter, template } from './bench-registry.js';
import { type Scope, service } from './messages.js';

const writesAtOnce = 500;

/** The default limit of 4 MB is too small for a list of 10,000. */
const open = (url: string) =>
  new Etcd3({
    hosts: url.replace('etcd://', 'http://'),
    grpcOptions: { 'grpc.max_receive_message_length': -1 },
  });

/** The `etcd3` package itself. */
export async function openEtcdControl(url: string, scope: Scope): Promise<Reader> {
  const etcd = open(url);
  const prefix = scope === 'service' ? `${service}/` : '';
  const list = async () => {
    const records = await etcd.getAll().prefix(prefix).strings();
    return Object.values(records).map((record) => JSON.parse(record) as unknown).length;
  };
  let watcher: Awaited<ReturnType<ReturnType<typeof etcd.watch>['create']>> | undefined;
  return {
    list,
    async watch(onChange) {
      watcher = etcd.watch().prefix(prefix).watcher();
      watcher.on('put', onChange).on('delete', onChange);
      await once(watcher, 'connected');
      return list();
    },
    async close() {
      await watcher?.cancel();
      watcher = undefined;
    },
  };
}

export async function openEtcdWriter(url: string): Promise<RecordWriter> {
  const etcd = open(url);
  const record = await templateRecord(url, etcd);
  return {
    async write(instances) {
      for (let from = 0; from < instances.length; from += writesAtOnce) {
        await Promise.all(
          instances.slice(from, from + writesAtOnce).map((instance) => {
            const value = record
              .replaceAll(template.id, idOf(instance))
              .replace(`${template.host}:${template.port}`, `${hostOf(instance)}:${portOf(instance)}`)
              .replace(/(weight\\":)\d+/, `$1${instance.weight}`);
            return etcd
              .put(`${instance.service}/${idOf(instance)}`)
              .value(value)
              .exec();
          }),
        );
      }
    },
    async delete(instance) {
      await etcd
        .delete()
        .key(`${instance.service}/${idOf(instance)}`)
        .exec();
    },
    async close() {
      etcd.close();
    },
  };
}

/** A record as the library itself writes it. */
async function templateRecord(url: string, etcd: Etcd3): Promise<string> {
  const registry = await openRegistry(url);
  await registry.register(template).registered();
  const record = await etcd.get(`${template.service}/${template.id}`).string();
  await registry.close();
  if (!record) throw new Error('the template was not registered');
  return record;
}
