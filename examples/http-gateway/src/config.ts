import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import type { EtcdOptions } from '@rollcall/discovery/etcd';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** The endpoints of one cluster, separated by commas. */
    etcd: { type: 'string', default: '127.0.0.1:2379' },
    /** Where to listen, and what to register unless it is a wildcard. Default: the address on the way to etcd. */
    host: { type: 'string' },
    /** 0 for any free port. */
    port: { type: 'string', default: '0' },
    /** The last part of the key: unique for each server, as the names of pods are. */
    hostname: { type: 'string', default: hostname() },
  },
});
if (!/^\d{1,5}$/.test(flags.port)) throw new Error(`invalid --port "${flags.port}": use 0 to 65535`);
/** Not flags: everybody on the machine sees those. */
const { ETCD_USERNAME: username, ETCD_PASSWORD: password } = process.env;

export const config = {
  ...flags,
  role: positionals[0] ?? 'demo',
  port: Number(flags.port),
  /** `/service_registry_discovery/goods/<hostname>` = `10.0.0.1:80`, under a lease of 3 s. */
  etcd: {
    hosts: flags.etcd.split(','),
    format: 'plain',
    prefix: '/service_registry_discovery/',
    keyedBy: 'id',
    ttlMs: 3_000,
    ...(username && { username }),
    ...(password && { password }),
  } satisfies EtcdOptions,
};
