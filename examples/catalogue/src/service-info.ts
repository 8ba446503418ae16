import { type Instance, Registry } from '@rollcall/discovery';
import { etcdBackend, type EtcdFormat, type EtcdOptions } from '@rollcall/discovery/etcd';

/** The value of `services/<name>/<id>`. The original has no port. */
export const infoOf = ({ id, host, port }: Instance) => ({ ID: Number(id), IP: host, Port: port });

/** How instances are written and read. What `decode` throws is logged with the key, and affects no other record. */
const format: EtcdFormat = {
  prefix: 'services/',
  keyedBy: 'id',
  carriesOwn: false,
  encode: (instance) => JSON.stringify(infoOf(instance)),
  decode(value) {
    const { ID, IP, Port } = JSON.parse(value) as Partial<ReturnType<typeof infoOf>>;
    if (!Number.isSafeInteger(ID)) throw new Error(`ID ${ID} is not an integer`);
    return { id: String(ID), host: IP, port: Port };
  },
};

/** With leases of 5 s. The catalogue shows what etcd has: it holds nothing back that disappears. */
export const openEtcd = (options: EtcdOptions) =>
  new Registry(etcdBackend({ ...options, format, ttlMs: 5_000 }), {
    shrinkGuard: { maxShrink: 1 },
    log: (level, message) => console.error(`${level}: ${message}`),
  });
