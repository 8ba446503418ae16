import type { EndpointHealth } from './endpoint-health.js';
import type { PickerFactory, PickTarget, PickTargets } from './pickers.js';

export interface HealthTarget extends PickTarget {
  readonly health: EndpointHealth;
}

export interface PickPreferences {
  /** The endpoints of earlier attempts: another one is picked while there is one. */
  readonly avoid: readonly HealthTarget[];
  /** Whether an attempt that nobody answers is followed by another one, so that it may try a suspected endpoint. */
  readonly hedged: boolean;
}

/**
 * Lets a {@link PickerFactory} choose among the endpoints that are not suspected to be frozen, or among all of them if every
 * one is. Suspected ones are tried now and then.
 */
export class HealthyPicker<E extends HealthTarget> {
  /** The endpoints that are picked. */
  readonly healthy: PickTargets<E>;
  readonly #suspected: readonly E[];
  readonly #pick: () => E;

  constructor(endpoints: PickTargets<E>, createPicker: PickerFactory) {
    const suspected = endpoints.filter(({ health }) => health.suspectedAt !== undefined);
    const [first, ...others] =
      suspected.length === 0 ? endpoints : endpoints.filter((endpoint) => !suspected.includes(endpoint));
    this.healthy = first ? [first, ...others] : endpoints;
    this.#suspected = first ? suspected : [];
    this.#pick = createPicker(this.healthy);
  }

  pick(): E {
    return this.#pick();
  }

  /** Returns an endpoint to avoid only if there is no other. */
  pickFor({ avoid, hedged }: PickPreferences): E {
    if (hedged && this.#suspected.length > 0) {
      const idle = this.#suspected.find(
        (endpoint) => endpoint.callsInFlight === 0 && !avoid.includes(endpoint),
      );
      if (idle?.health.shouldTry()) return idle;
    }
    const endpoint = this.#pick();
    if (!avoid.includes(endpoint)) return endpoint;
    // Policies go round, or pick at random.
    for (let i = 1; i < this.healthy.length; i++) {
      const next = this.#pick();
      if (!avoid.includes(next)) return next;
    }
    return this.healthy.find((candidate) => !avoid.includes(candidate)) ?? endpoint;
  }
}
