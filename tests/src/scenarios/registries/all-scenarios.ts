import { connections } from './connections.js';
import { consulResponses } from './consul-responses.js';
import { credentials } from './credentials.js';
import { dnsAnswers } from './dns-answers.js';
import { leaders } from './leaders.js';
import { outages } from './outages.js';
import { records } from './records.js';
import { registrations } from './registrations.js';
import { slowRegistryScenarios } from './slow-registries.js';
import type { RegistryScenario } from './registry-scenario.js';

/** The rows of the report, in its order. To add one, add an object to one of these lists. */
export const registryScenarios: readonly RegistryScenario[] = [
  ...outages,
  ...leaders,
  ...connections,
  ...slowRegistryScenarios,
  ...registrations,
  ...records,
  ...credentials,
  ...consulResponses,
  ...dnsAnswers,
];
