import type { Instance } from '../../model/instance.js';
import type { Endpoint } from '../experimental.js';

/** One endpoint an instance: an endpoint has no weight of its own, and the same address twice gets a double share. */
export function endpointsOf(instances: readonly Instance[]): Endpoint[] {
  return instances.map(({ host, port }) => ({ addresses: [{ host, port }] }));
}
