import type { CallScenario } from './call-scenario.js';
import { freezes } from './freezes.js';
import { slowness } from './slowness.js';
import { stalls } from './stalls.js';

/**
 * Not what HTTP cannot do: it has no ping, no stream, and no wait for an instance; a response that has begun belongs to the
 * caller; and every URL is a method of its own.
 */
export const overHttp: readonly CallScenario[] = [...freezes, ...stalls, ...slowness]
  .filter(({ alsoOverHttp }) => alsoOverHttp)
  .map((scenario) => ({
    ...scenario,
    name: `HTTP: ${scenario.name}`,
    run: (run) => scenario.run(run.over('http')),
  }));
