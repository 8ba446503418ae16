import { invalidOption } from '../../model/invalid-option.js';
import type { LoadBalancingConfig } from '../experimental.js';
import { leastRequest, type PickerFactory, roundRobin, weighted } from './pickers.js';

/**
 * How the calls of a channel are distributed over its connected instances:
 * - `round_robin`: one after the other.
 * - `weighted`: in proportion to {@link Instance.weight}, smoothly.
 * - `least_request`: of two random instances, the one with fewer calls of this channel in flight. For calls or instances
 *   whose durations differ a lot.
 */
export type LoadBalancingPolicy = 'round_robin' | 'weighted' | 'least_request';

/**
 * Prefers connected instances whose {@link Instance.zone} is `zone`, and falls back to all instances. `within` distributes
 * the calls among those; default `round_robin`. In contrast, a target's `?zone=` filters by what the registry lists,
 * whether it is connected or not.
 */
export interface ZoneAwareBalancing {
  readonly policy: 'zone';
  readonly zone: string;
  readonly within?: LoadBalancingPolicy;
}

/**
 * `grpc_js_round_robin` is the unmodified `round_robin` of grpc-js. It recreates all of its children on each update of
 * the list, where `round_robin` keeps them.
 */
export type LoadBalancing = LoadBalancingPolicy | 'grpc_js_round_robin' | ZoneAwareBalancing;

export const pickerFactories: Readonly<Record<LoadBalancingPolicy, () => PickerFactory>> = {
  round_robin: roundRobin,
  weighted,
  least_request: leastRequest,
};

/**
 * The names of our policies in service configs. grpc-js keeps one registry of policies for the whole process, hence the
 * prefix.
 */
export const policyNames = {
  discovery: 'rollcall.discovery',
  round_robin: 'rollcall.round_robin',
  weighted: 'rollcall.weighted',
  least_request: 'rollcall.least_request',
  zone: 'rollcall.zone',
} as const;

/** @throws {DiscoveryError} INVALID_OPTION. */
export function toLoadBalancingConfig(loadBalancing: LoadBalancing): LoadBalancingConfig {
  if (loadBalancing === 'grpc_js_round_robin') return { round_robin: {} };
  if (isPolicy(loadBalancing)) return { [policyNames[loadBalancing]]: {} };
  const { policy, zone, within = 'round_robin' } = (loadBalancing ?? {}) as Partial<ZoneAwareBalancing>;
  if (policy !== 'zone' || typeof zone !== 'string' || zone === '' || !isPolicy(within)) {
    const names = [...Object.keys(pickerFactories), 'grpc_js_round_robin'].join(', ');
    const zoneAware = "{ policy: 'zone', zone: 'a', within: 'round_robin' }";
    throw invalidOption('loadBalancing', loadBalancing, `use ${names} or ${zoneAware}`);
  }
  return { [policyNames.zone]: { zone, within } };
}

export function isPolicy(value: unknown): value is LoadBalancingPolicy {
  return typeof value === 'string' && Object.hasOwn(pickerFactories, value);
}
