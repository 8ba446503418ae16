import { fetchJson, valueAt } from './fetch-json.js';
import type { RegistryProgram } from './registry-program.js';

/** Not `-dev`, which keeps everything in memory and would lose its data in a restart. */
const serverArgs = ['agent', '-server', '-bootstrap-expect=1', '-node=rollcall', '-log-level=warn'] as const;

/** Shortens the leader election from 5 s to 1 s, and switches off the update check on the internet. */
const settings = 'disable_update_check = true performance { raft_multiplier = 1 }';

/** Servers open this port since 1.14; older releases reject the flag. */
const hasGrpcTlsPort = (versionOutput: string) => {
  const [, major, minor] = /v(\d+)\.(\d+)/.exec(versionOutput) ?? [];
  return Number(major) > 1 || Number(minor) >= 14;
};

export const consul: RegistryProgram = {
  kind: 'consul',
  defaultPort: 8500,
  versionArgs: ['version'],

  binaryArgs: ({ port, peerPort, dataDirectory, versionOutput }) => [
    ...serverArgs,
    `-data-dir=${dataDirectory}`,
    '-bind=127.0.0.1',
    '-client=127.0.0.1',
    `-http-port=${port}`,
    '-dns-port=-1',
    `-server-port=${peerPort}`,
    `-serf-lan-port=${peerPort + 1}`,
    '-serf-wan-port=-1',
    ...(hasGrpcTlsPort(versionOutput) ? ['-grpc-tls-port=-1'] : []),
    '-hcl',
    settings,
  ],

  // Peers use loopback: the container's address may change in a restart, and the raft log keeps the first one.
  containerCommand: [
    ...serverArgs,
    '-data-dir=/consul/data',
    '-bind=127.0.0.1',
    '-client=0.0.0.0',
    '-hcl',
    settings,
  ],

  /** A leader is not enough: health queries return an empty list until the server's own node is in the catalog. */
  async probe(origin, headers) {
    const leader = await fetchJson(`${origin}/v1/status/leader`, headers);
    if (leader?.status !== 200 || !leader.body) return undefined;
    const nodes = await fetchJson(`${origin}/v1/health/service/consul?passing`, headers);
    const hiddenByAcl =
      nodes?.status === 403 || nodes?.headers.get('x-consul-results-filtered-by-acls') === 'true';
    if (!hiddenByAcl && !(Array.isArray(nodes?.body) && nodes.body.length > 0)) return undefined;
    const self = await fetchJson(`${origin}/v1/agent/self`, headers);
    if (self === undefined || self.status >= 500) return undefined;
    return String(valueAt(self.body, 'Config', 'Version') ?? 'unknown');
  },
};
