import { fetchJson, valueAt } from './fetch-json.js';
import type { RegistryProgram } from './registry-program.js';

export const etcd: RegistryProgram = {
  kind: 'etcd',
  defaultPort: 2379,
  versionArgs: ['--version'],

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

  // The image has neither a shell nor an entry point, so the command starts with the path of the binary.
  containerCommand: [
    '/usr/local/bin/etcd',
    '--name=rollcall',
    '--data-dir=/var/lib/etcd/rollcall',
    '--listen-client-urls=http://0.0.0.0:2379',
    '--advertise-client-urls=http://127.0.0.1:2379',
    '--log-level=warn',
  ],

  /** `/health` reads through the leader, and needs no credentials even where authentication is on. */
  async probe(origin) {
    const health = await fetchJson(`${origin}/health`);
    if (valueAt(health?.body, 'health') !== 'true') return undefined;
    const version = await fetchJson(`${origin}/version`);
    return version && String(valueAt(version.body, 'etcdserver') ?? 'unknown');
  },
};
