import type { RegistryProgram } from './registry-server.js';
import { ask, at } from './probe.js';

/** A server of its own, not `-dev`: that one keeps nothing on disk, and a restart would be a wipe. */
const server = ['agent', '-server', '-bootstrap-expect=1', '-node=rollcall', '-log-level=warn'] as const;

/** Elects itself in 1 s in place of 5, and asks nobody on the internet for newer versions. */
const settings = 'disable_update_check = true performance { raft_multiplier = 1 }';

/** The default of servers since 1.14, which older ones do not know the flag for. */
const hasGrpcTlsPort = (banner: string) => {
  const [, major, minor] = /v(\d+)\.(\d+)/.exec(banner) ?? [];
  return Number(major) > 1 || Number(minor) >= 14;
};

export const consul: RegistryProgram = {
  kind: 'consul',
  defaultPort: 8500,
  bannerArgs: ['version'],

  binaryArgs: ({ port, peerPort, dataDirectory, banner }) => [
    ...server,
    `-data-dir=${dataDirectory}`,
    '-bind=127.0.0.1',
    '-client=127.0.0.1',
    `-http-port=${port}`,
    '-dns-port=-1',
    `-server-port=${peerPort}`,
    `-serf-lan-port=${peerPort + 1}`,
    '-serf-wan-port=-1',
    ...(hasGrpcTlsPort(banner) ? ['-grpc-tls-port=-1'] : []),
    '-hcl',
    settings,
  ],

  // The peers' address is loopback: a container that starts again may get another one, and its raft log keeps the first.
  containerCommand: [
    ...server,
    '-data-dir=/consul/data',
    '-bind=127.0.0.1',
    '-client=0.0.0.0',
    '-hcl',
    settings,
  ],

  /** A leader is not enough: until its own node is in the catalogue, health queries answer with an empty list. */
  async probe(origin, headers) {
    const leader = await ask(`${origin}/v1/status/leader`, { headers });
    if (leader?.status !== 200 || !leader.body) return undefined;
    const nodes = await ask(`${origin}/v1/health/service/consul?passing`, { headers });
    const hidden =
      nodes?.status === 403 || nodes?.headers.get('x-consul-results-filtered-by-acls') === 'true';
    if (!hidden && !(Array.isArray(nodes?.body) && nodes.body.length > 0)) return undefined;
    const self = await ask(`${origin}/v1/agent/self`, { headers });
    if (self === undefined || self.status >= 500) return undefined;
    return String(at(self.body, 'Config', 'Version') ?? 'of unknown version');
  },
};
