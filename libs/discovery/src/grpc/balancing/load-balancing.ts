import { DiscoveryError } from '../../model/errors.js';
import type { LoadBalancingConfig } from '../experimental.js';
import { leastRequest } from './least-request.js';
import { roundRobin } from './round-robin.js';
import type { PickerFactory } from './picker-factory.js';
import { weighted } from './weighted.js';

/**
 * How the calls of a channel are spread over the instances that are connected:
 * - `round_robin`: one after the other.
 * - `weighted`: in proportion to {@link Instance.weight}, smoothly.
 * - `least_request`: of two drawn at random, the one with fewer of this channel's calls in flight. For calls, or
 *   instances, that differ much in how long they take.
 */
export type LoadBalancingPolicy = 'round_robin' | 'weighted' | 'least_request';

/**
 * Instances of one {@link Instance.zone} first; all, when none of it is connected. `within` spreads the calls among
 * those chosen, `round_robin` by default. A target's `?zone=` goes by what the registry lists; this, by what answers.
 */
export interface ZoneAwareBalancing {
  readonly policy: 'zone';
  readonly zone: string;
  readonly within?: LoadBalancingPolicy;
}

export type LoadBalancing = LoadBalancingPolicy | ZoneAwareBalancing;

export const spreads: Readonly<Record<LoadBalancingPolicy, () => PickerFactory>> = {
  round_robin: roundRobin,
  weighted,
  least_request: leastRequest,
};

/** The names of our policies in grpc-js, which are the same for all libraries of a process. */
export const policyNames = {
  weighted: 'rollcall_weighted',
  least_request: 'rollcall_least_request',
  zone: 'rollcall_zone',
} as const;

/** @throws {DiscoveryError} INVALID_OPTION. */
export function policyOf(choice: LoadBalancing): LoadBalancingConfig {
  if (choice === 'round_robin') return { round_robin: {} };
  if (choice === 'weighted' || choice === 'least_request') return { [policyNames[choice]]: {} };
  const { policy, zone, within = 'round_robin' } = (choice ?? {}) as Partial<ZoneAwareBalancing>;
  if (policy !== 'zone' || typeof zone !== 'string' || zone === '' || !Object.hasOwn(spreads, within)) {
    throw new DiscoveryError(
      'INVALID_OPTION',
      `loadBalancing ${JSON.stringify(choice)} is not usable; use ${Object.keys(spreads).join(', ')} or { policy: 'zone', zone: 'a', within: 'round_robin' }`,
    );
  }
  return { [policyNames.zone]: { zone, within } };
}
