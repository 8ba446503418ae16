import { describeConformance } from '../../environments/conformance.js';
import { registrySuite } from '../../environments/suites.js';

// The servers are in tests/src/registries/conformance.spec.ts.
describeConformance(await registrySuite('file'));
describeConformance(await registrySuite('srv'));
describeConformance(await registrySuite('consul client agent'), { timeoutMs: 60_000 });
