import { registrySuite } from '../../environments/suites.js';
import { registryScenarios } from './all-scenarios.js';
import { describeRegistryScenarios } from './registry-scenario.js';

describeRegistryScenarios(await registrySuite('srv'), registryScenarios);
