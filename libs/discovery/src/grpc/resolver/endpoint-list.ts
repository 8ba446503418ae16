import type { Instance } from '../../model/instance.js';
import { haveSameEndpoint, toEndpoint } from '../balancing/endpoint-attributes.js';
import type { Endpoint } from '../experimental.js';

/**
 * The endpoints of a service. An instance whose address and attributes stay the same keeps its endpoint object, by which
 * policies find out what has changed.
 */
export class EndpointList {
  readonly #target: string | undefined;
  #instances: readonly Instance[] = [];
  #endpoints: readonly Endpoint[] = [];

  /** `target` is that of the channel. */
  constructor(target?: string) {
    this.#target = target;
  }

  /** Takes over a normalized list of instances. Returns the same array as before if no endpoint has changed. */
  update(instances: readonly Instance[]): readonly Endpoint[] {
    const before = this.#instances;
    let [next, kept] = [0, 0];
    const endpoints = instances.map((instance) => {
      // Both lists are sorted by id.
      while (next < before.length && before[next] !== instance && before[next]!.id < instance.id) next += 1;
      const known = before[next];
      if (!known || !haveSameEndpoint(known, instance)) return toEndpoint(instance, this.#target);
      kept += 1;
      return this.#endpoints[next++]!;
    });
    this.#instances = instances;
    if (kept < before.length || kept < instances.length) this.#endpoints = endpoints;
    return this.#endpoints;
  }
}
