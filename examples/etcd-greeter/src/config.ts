import { parseArgs } from 'node:util';
import type { EtcdFormatName, EtcdOptions } from '@rollcall/discovery/etcd';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** The endpoints of one cluster, separated by commas. */
    etcd: { type: 'string', default: '127.0.0.1:2379' },
    /** `plain`: `/foo/10.0.0.1:50051` = `10.0.0.1:50051`. `grpc`: as etcd's own resolver for grpc-go reads and writes. */
    format: { type: 'string', default: 'plain' },
    /** 0 for any free port. */
    port: { type: 'string', default: '0' },
    calls: { type: 'string', default: '100' },
  },
});

/** Not flags: everybody on the machine sees those. */
const { ETCD_USERNAME: username, ETCD_PASSWORD: password } = process.env;

export const config = {
  role: positionals[0] ?? 'demo',
  port: Number(flags.port),
  calls: Number(flags.calls),
  etcd: {
    hosts: flags.etcd.split(','),
    format: flags.format as EtcdFormatName,
    ttlMs: 10_000,
    ...(username && { username }),
    ...(password && { password }),
  } satisfies EtcdOptions,
};
