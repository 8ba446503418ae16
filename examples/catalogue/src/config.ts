import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** The endpoints of one cluster, separated by commas. */
    etcd: { type: 'string', default: '127.0.0.1:2379' },
    /** The master prints the nodes and exits. */
    once: { type: 'boolean', default: false },
    name: { type: 'string', default: 'web' },
    id: { type: 'string', default: String(randomInt(2 ** 48 - 1)) },
    /** Default: the address of this machine on the way to etcd. */
    ip: { type: 'string' },
    port: { type: 'string', default: '8080' },
  },
});
for (const name of ['id', 'port'] as const)
  if (!/^\d{1,15}$/.test(flags[name])) throw new Error(`invalid --${name} "${flags[name]}": use 1-15 digits`);
/** Not flags: everybody on the machine sees those. */
const { ETCD_USERNAME: username, ETCD_PASSWORD: password } = process.env;
export const config = {
  ...flags,
  role: positionals[0] ?? 'demo',
  port: Number(flags.port),
  etcd: { hosts: flags.etcd.split(','), ...(username && { username }), ...(password && { password }) },
};
