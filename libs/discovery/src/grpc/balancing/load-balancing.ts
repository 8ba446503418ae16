import {
  checkLoadBalancing,
  type LoadBalancingPolicy,
  type ZoneAwareBalancing,
} from '../../calling/load-balancing.js';
import type { LoadBalancingConfig } from '../experimental.js';
import {
  checkOutlierDetection,
  type OutlierDetection,
  toOutlierDetectionConfig,
} from './outlier-detection.js';

/**
 * `grpc_js_round_robin` is the unmodified `round_robin` of grpc-js. It recreates all of its children on each update of
 * the list, where `round_robin` keeps them.
 */
export type LoadBalancing = LoadBalancingPolicy | 'grpc_js_round_robin' | ZoneAwareBalancing;

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

/**
 * The policy with its outlier detection; `false`: none.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function toLoadBalancingConfig(
  loadBalancing: LoadBalancing,
  outlierDetection: OutlierDetection | false,
): LoadBalancingConfig {
  if (loadBalancing === 'grpc_js_round_robin') {
    const policy = { round_robin: {} };
    return outlierDetection ? toOutlierDetectionConfig(outlierDetection, policy) : policy;
  }
  const checked = checkLoadBalancing(loadBalancing, 'grpc_js_round_robin');
  const settings = outlierDetection && { outlierDetection: checkOutlierDetection(outlierDetection) };
  if (typeof checked === 'string') return { [policyNames[checked]]: { ...settings } };
  const { zone, within } = checked;
  return { [policyNames.zone]: { zone, within, ...settings } };
}
