import type { CallScenario } from './call-scenario.js';
import { failures } from './failures.js';
import { freezes } from './freezes.js';
import { goServers } from './go-servers.js';
import { kills } from './kills.js';
import { outages } from './outages.js';
import { overHttp } from './over-http.js';
import { restarts } from './restarts.js';
import { slowness } from './slowness.js';
import { stalls } from './stalls.js';
import { swaps } from './swaps.js';

/** The rows of the report, in its order. To add one, add an object to one of these lists. */
export const callScenarios: readonly CallScenario[] = [
  ...kills,
  ...restarts,
  ...freezes,
  ...stalls,
  ...slowness,
  ...goServers,
  ...overHttp,
  ...outages,
  ...swaps,
  ...failures,
];
