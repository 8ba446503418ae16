import { invalidOption } from '../model/invalid-option.js';
import { leastRequest, type PickerFactory, roundRobin, zoneAware } from './pickers.js';
import { weighted } from './weighted.js';

/**
 * How the calls of a client are distributed over its instances:
 * - `round_robin`: one after the other.
 * - `weighted`: in proportion to {@link Instance.weight}, smoothly.
 * - `least_request`: of two random instances, the one with fewer calls of this client in flight. For calls or instances
 *   whose durations differ a lot.
 */
export type LoadBalancingPolicy = 'round_robin' | 'weighted' | 'least_request';

/**
 * Prefers instances that can be called and whose {@link Instance.zone} is `zone`, and falls back to all instances.
 * `within` distributes the calls among those; default `round_robin`. In contrast, a target's `?zone=` filters by what
 * the registry lists, whether it is connected or not.
 */
export interface ZoneAwareBalancing {
  readonly policy: 'zone';
  readonly zone: string;
  readonly within?: LoadBalancingPolicy;
}

const pickerFactories: Readonly<Record<LoadBalancingPolicy, () => PickerFactory>> = {
  round_robin: roundRobin,
  weighted,
  least_request: leastRequest,
};

function isPolicy(value: unknown): value is LoadBalancingPolicy {
  return typeof value === 'string' && Object.hasOwn(pickerFactories, value);
}

/**
 * Checks the option of a client. `others` are the names that this client takes besides the policies.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function checkLoadBalancing(
  loadBalancing: LoadBalancingPolicy | ZoneAwareBalancing,
  ...others: readonly string[]
): LoadBalancingPolicy | Required<ZoneAwareBalancing> {
  if (isPolicy(loadBalancing)) return loadBalancing;
  const { policy, zone, within = 'round_robin' } = (loadBalancing ?? {}) as Partial<ZoneAwareBalancing>;
  if (policy === 'zone' && typeof zone === 'string' && zone !== '' && isPolicy(within))
    return { policy, zone, within };
  const names = [...Object.keys(pickerFactories), ...others].join(', ');
  const zoneAwareExample = "{ policy: 'zone', zone: 'a', within: 'round_robin' }";
  throw invalidOption('loadBalancing', loadBalancing, `use ${names} or ${zoneAwareExample}`);
}

/** @throws {DiscoveryError} INVALID_OPTION. */
export function createPickerFactory(loadBalancing: LoadBalancingPolicy | ZoneAwareBalancing): PickerFactory {
  const checked = checkLoadBalancing(loadBalancing);
  if (typeof checked === 'string') return pickerFactories[checked]();
  return zoneAware(checked.zone, pickerFactories[checked.within]());
}
