import { type LocateOptions, registryForTests, type RegistryLocation } from '@rollcall/tools';
import { ConsulEnvironment } from './consul-environment.js';
import type { RegistryEnvironment } from './environment.js';
import { EtcdEnvironment } from './etcd-environment.js';
import { FileEnvironment } from './file-environment.js';
import { SrvEnvironment } from './srv-environment.js';

/** A registry that a set of tests runs on; a column of a report. */
export interface RegistrySuite {
  readonly name: string;
  /** Undefined when the server is unavailable; a line on standard error says why. */
  readonly open: (() => Promise<RegistryEnvironment>) | undefined;
}

const startEtcd = (location: RegistryLocation) => EtcdEnvironment.start(location);
const startConsul = (location: RegistryLocation) => ConsulEnvironment.start(location);
/** Scenarios kill their registry: they never use one whose address was given. */
const own: LocateOptions['prefer'] = ['binary', 'container'];

const servers = {
  etcd: { kind: 'etcd', version: 'current', prefer: own, start: startEtcd },
  'etcd (old)': { kind: 'etcd', version: 'old', prefer: own, start: startEtcd },
  consul: { kind: 'consul', version: 'current', prefer: own, start: startConsul },
  'consul (old)': { kind: 'consul', version: 'old', prefer: own, start: startConsul },
  'consul client agent': {
    kind: 'consul',
    version: 'current',
    // The agent must reach its server, and two containers of ours cannot reach each other.
    prefer: ['binary', 'image'],
    start: (location: RegistryLocation) => ConsulEnvironment.startWithClient(location),
  },
  srv: {
    kind: 'consul',
    version: 'current',
    // The DNS port of a container is not published.
    prefer: ['binary', 'image'],
    start: (location: RegistryLocation) => SrvEnvironment.start(location),
  },
} as const;

/** `prefer` overrides where a server is looked for. */
export async function registrySuite(
  name: 'file' | keyof typeof servers,
  prefer?: LocateOptions['prefer'],
): Promise<RegistrySuite> {
  if (name === 'file') return { name, open: () => FileEnvironment.start() };
  const { kind, version, start, ...server } = servers[name];
  const location = await registryForTests(kind, { version, prefer: prefer ?? server.prefer });
  return { name, open: location && (() => start(location)) };
}
