import { registrySuite } from '../../environments/suites.js';
import { callScenarios } from './all-scenarios.js';
import { describeCallScenarios } from './call-scenario.js';

describeCallScenarios(await registrySuite('consul'), callScenarios);
