import { registrySuite } from '../../environments/suites.js';
import { leaks } from './leaks.js';
import { describeRegistryScenarios } from './registry-scenario.js';

// In a file of their own: they count the resources of their process.
for (const name of ['file', 'etcd', 'etcd (old)', 'consul', 'consul (old)', 'srv'] as const) {
  describeRegistryScenarios(await registrySuite(name), leaks);
}
