import { ConsulEnvironment } from '../../environments/consul-environment.js';
import type { RegistryEnvironment } from '../../environments/environment.js';
import { EtcdEnvironment } from '../../environments/etcd-environment.js';
import type { RegistrySuite } from '../../environments/suites.js';
import { describeScenarios, type ScenarioKind } from '../runner.js';
import type { Scenario } from '../scenario.js';
import { RegistryRun } from './registry-run.js';

/** Something that happens to a registry, or to the instances and watchers that use it. */
export interface RegistryScenario extends Scenario<RegistryRun> {
  /** The promised time until recovery, in ms: {@link oneSecond} or {@link oneHeartbeat}. It is reported, and fails no test. */
  readonly recoveryMs?: (environment: RegistryEnvironment) => number;
}

/** "Within a second of the end of the fault." */
export const oneSecond = () => 1_000;
/** "Within TTL/3 + 1 s": an instance notices by its next heartbeat. */
export const oneHeartbeat = ({ ttlMs }: RegistryEnvironment) => Math.ceil(ttlMs / 3) + 1_000;

/** For `notFor`. */
export const needsNetwork = { file: 'a directory has no network' };
export const consulOnly = { file: 'Consul only', etcd: 'Consul only', srv: 'Consul only' };
export const etcdOnly = { file: 'etcd only', consul: 'etcd only', srv: 'etcd only' };
export const dnsOnly = { file: 'DNS only', etcd: 'DNS only', consul: 'DNS only' };
/** DNS is only watched: what happens to records that Consul holds is in Consul's column. */
export const needsRegistering = { srv: 'registered in Consul: see its column' };
export const needsConnection = { ...needsNetwork, srv: 'DNS has datagrams: see its own rows' };

/** For `notIn`: scenarios of Consul servers. */
export function notBehindClientAgent(environment: RegistryEnvironment): string | undefined {
  return environment instanceof ConsulEnvironment && environment.throughClient
    ? 'servers only: see the column of Consul'
    : undefined;
}

export function etcdOf({ environment }: RegistryRun): EtcdEnvironment {
  if (environment instanceof EtcdEnvironment) return environment;
  throw new Error(`${environment.kind} is not etcd`);
}

export function consulOf({ environment }: RegistryRun): ConsulEnvironment {
  if (environment instanceof ConsulEnvironment) return environment;
  throw new Error(`${environment.kind} is not consul`);
}

const kind: ScenarioKind<RegistryRun, RegistryScenario> = {
  report: 'registries',
  start: (environment) => new RegistryRun(environment),
  promised({ recoveryMs }, environment) {
    return [recoveryMs ? `${(recoveryMs(environment) / 1_000).toFixed(2)} s` : ''];
  },
  check(scenario, { environment, findings }, recoveryMs) {
    if (recoveryMs !== undefined)
      findings.measured('recovered in', [recoveryMs], scenario.recoveryMs?.(environment));
  },
};

export function describeRegistryScenarios(
  suite: RegistrySuite,
  scenarios: readonly RegistryScenario[],
): void {
  describeScenarios(kind, suite, scenarios);
}
