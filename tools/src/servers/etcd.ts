import type { RegistryProgram } from './registry-server.js';
import { ask, at } from './probe.js';

export const etcd: RegistryProgram = {
  kind: 'etcd',
  defaultPort: 2379,
  bannerArgs: ['--version'],

  binaryArgs: ({ port, peerPort, dataDirectory }) => [
    '--name=rollcall',
    `--data-dir=${dataDirectory}`,
    `--listen-client-urls=http://127.0.0.1:${port}`,
    `--advertise-client-urls=http://127.0.0.1:${port}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-cluster=rollcall=http://127.0.0.1:${peerPort}`,
    '--log-level=warn',
  ],

  // The image has no shell and no entry point: the command is the program's path.
  containerCommand: [
    '/usr/local/bin/etcd',
    '--name=rollcall',
    '--data-dir=/var/lib/etcd/rollcall',
    '--listen-client-urls=http://0.0.0.0:2379',
    '--advertise-client-urls=http://127.0.0.1:2379',
    '--log-level=warn',
  ],

  /** `/health` reads through the leader; it answers without credentials also where a login is needed. */
  async probe(origin) {
    const health = await ask(`${origin}/health`);
    if (at(health?.body, 'health') !== 'true') return undefined;
    const version = await ask(`${origin}/version`);
    return version && String(at(version.body, 'etcdserver') ?? 'of unknown version');
  },
};
