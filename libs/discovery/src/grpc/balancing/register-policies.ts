import { type ChannelControlHelper, registerLoadBalancerType } from '../experimental.js';
import { policyNames, spreads, type LoadBalancingPolicy } from './load-balancing.js';
import { DiscoveryLoadBalancer } from './discovery-load-balancer.js';
import { DiscoveryLoadBalancingConfig, discoveryPolicyName } from './discovery-load-balancing-config.js';
import type { PickerFactory } from './picker-factory.js';
import { EndpointLoadBalancer, EndpointPolicyConfig } from './endpoint-load-balancer.js';
import { zonePreferring } from './zone.js';

let registered = false;

/** Makes our policies known to grpc-js, for the whole process. */
export function registerPolicies(): void {
  if (registered) return;
  registered = true;
  registerLoadBalancerType(discoveryPolicyName, DiscoveryLoadBalancer, DiscoveryLoadBalancingConfig);
  registerSpread(policyNames.weighted, () => spreads.weighted);
  registerSpread(policyNames.least_request, () => spreads.least_request);
  registerSpread(policyNames.zone, ({ zone, within }) => {
    if (typeof zone !== 'string' || zone === '') throw new Error('zone must be a name');
    if (typeof within !== 'string' || !Object.hasOwn(spreads, within))
      throw new Error(`within must be one of ${Object.keys(spreads).join(', ')}`);
    return () => zonePreferring(zone, spreads[within as LoadBalancingPolicy]());
  });
}

/** `read` takes the policy's settings and throws an `Error` for those it cannot use. */
function registerSpread(name: string, read: (json: Record<string, unknown>) => () => PickerFactory): void {
  registerLoadBalancerType(
    name,
    class extends EndpointLoadBalancer {
      constructor(helper: ChannelControlHelper) {
        super(name, helper);
      }
    },
    class extends EndpointPolicyConfig {
      static createFromJson(json: Record<string, unknown>): EndpointPolicyConfig {
        return new EndpointPolicyConfig(name, json, read(json));
      }
    },
  );
}
