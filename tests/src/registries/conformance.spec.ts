import { describeConformance } from '../environments/conformance.js';
import { registrySuite } from '../environments/suites.js';

for (const name of ['consul', 'consul (old)', 'etcd', 'etcd (old)'] as const) {
  describeConformance(await registrySuite(name, ['container', 'binary']));
}
