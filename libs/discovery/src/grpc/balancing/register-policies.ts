import { type ChannelControlHelper, registerLoadBalancerType } from '../experimental.js';
import { DiscoveryLoadBalancer } from './discovery-load-balancer.js';
import { DiscoveryLoadBalancingConfig } from './discovery-load-balancing-config.js';
import { EndpointLoadBalancer, EndpointPolicyConfig } from './endpoint-load-balancer.js';
import { isPolicy, pickerFactories, policyNames } from './load-balancing.js';
import { type PickerFactory, zoneAware } from './pickers.js';

let registered = false;

/** Registers our policies with grpc-js, for the whole process. */
export function registerPolicies(): void {
  if (registered) return;
  registered = true;
  registerLoadBalancerType(policyNames.discovery, DiscoveryLoadBalancer, DiscoveryLoadBalancingConfig);
  registerEndpointPolicy(policyNames.round_robin, () => pickerFactories.round_robin);
  registerEndpointPolicy(policyNames.weighted, () => pickerFactories.weighted);
  registerEndpointPolicy(policyNames.least_request, () => pickerFactories.least_request);
  registerEndpointPolicy(policyNames.zone, ({ zone, within }) => {
    if (typeof zone !== 'string' || zone === '') throw new Error('invalid zone: use a name');
    if (!isPolicy(within))
      throw new Error(`invalid within: use one of ${Object.keys(pickerFactories).join(', ')}`);
    return () => zoneAware(zone, pickerFactories[within]());
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
        return new EndpointPolicyConfig(name, json, parse(json));
      }
    },
  );
}
