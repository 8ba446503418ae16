import {
  checkLoadBalancing,
  createPickerFactory,
  type ZoneAwareBalancing,
} from '../../calling/load-balancing.js';
import type { PickerFactory } from '../../calling/pickers.js';
import { type ChannelControlHelper, registerLoadBalancerType } from '../experimental.js';
import { registerOnce } from '../process-state.js';
import { DiscoveryLoadBalancer } from './discovery-load-balancer.js';
import { DiscoveryLoadBalancingConfig } from './discovery-load-balancing-config.js';
import { EndpointLoadBalancer } from './endpoint-load-balancer.js';
import { EndpointPolicyConfig } from './endpoint-policy-config.js';
import { policyNames } from './load-balancing.js';
import { checkOutlierDetection, type OutlierDetection } from './outlier-detection.js';

/** Registers our policies with grpc-js, for the whole process. */
export function registerPolicies(): void {
  registerOnce('policies', () => {
    registerLoadBalancerType(policyNames.discovery, DiscoveryLoadBalancer, DiscoveryLoadBalancingConfig);
    for (const policy of ['round_robin', 'weighted', 'least_request'] as const)
      registerEndpointPolicy(policyNames[policy], () => () => createPickerFactory(policy));
    registerEndpointPolicy(policyNames.zone, (json) => {
      const balancing = { policy: 'zone', ...json } as ZoneAwareBalancing;
      checkLoadBalancing(balancing);
      return () => createPickerFactory(balancing);
    });
  });
}

/** `parse` reads the policy's settings; it throws an `Error` if they are invalid. */
function registerEndpointPolicy(
  name: string,
  parse: (json: Record<string, unknown>) => () => PickerFactory,
): void {
  registerLoadBalancerType(
    name,
    class extends EndpointLoadBalancer {
      constructor(helper: ChannelControlHelper) {
        super(name, helper);
      }
    },
    class extends EndpointPolicyConfig {
      static createFromJson(json: Record<string, unknown>): EndpointPolicyConfig {
        const { outlierDetection } = json as { readonly outlierDetection?: OutlierDetection };
        return new EndpointPolicyConfig(
          name,
          json,
          parse(json),
          outlierDetection && checkOutlierDetection(outlierDetection),
        );
      }
    },
  );
}
