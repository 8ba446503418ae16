import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from 'vitest';
import { registrySuite } from '../../environments/suites.js';
import {
  describeRegistryScenarios,
  needsNetwork,
  oneSecond,
  type RegistryScenario,
} from './registry-scenario.js';

/** Long enough for every backoff to reach its maximum. */
const unreachableForAMinute: RegistryScenario = {
  name: 'registry unreachable for a minute: instances and lists recover within a second of its return',
  recoveryMs: oneSecond,
  notFor: needsNetwork,
  async run(run) {
    const provider = await run.provider(1);
    const observer = await run.observer();
    await Promise.all([provider.proxy?.cut(), observer.network?.cut()]);
    await sleep(60_000);
    await Promise.all([provider.proxy?.restore(), observer.network?.restore()]);
    return run.recovered();
  },
};

// All at once: they do nothing but wait.
describe.concurrent('long outage', async () => {
  for (const name of [
    'file',
    'etcd',
    'etcd (old)',
    'consul',
    'consul (old)',
    'consul client agent',
    'srv',
  ] as const) {
    describeRegistryScenarios(await registrySuite(name), [unreachableForAMinute]);
  }
});
