import { type ChannelControlHelper, registerLoadBalancerType } from '../experimental.js';
import { policyNames, spreads, type Spreading } from './load-balancing.js';
import { RollcallBalancer } from './rollcall-balancer.js';
import { RollcallConfig, rollcallName } from './rollcall-config.js';
import type { Spread } from './spread.js';
import { SpreadBalancer, SpreadConfig } from './spread-balancer.js';
import { zonePreferring } from './zone.js';

let registered = false;

/** Makes our policies known to grpc-js, for the whole process. */
export function registerPolicies(): void {
  if (registered) return;
  registered = true;
  registerLoadBalancerType(rollcallName, RollcallBalancer, RollcallConfig);
  registerSpread(policyNames.weighted, () => spreads.weighted);
  registerSpread(policyNames.least_request, () => spreads.least_request);
  registerSpread(policyNames.zone, ({ zone, within }) => {
    if (typeof zone !== 'string' || zone === '') throw new Error('zone must be a name');
    if (typeof within !== 'string' || !Object.hasOwn(spreads, within))
      throw new Error(`within must be one of ${Object.keys(spreads).join(', ')}`);
    return () => zonePreferring(zone, spreads[within as Spreading]());
  });
}

/** `read` takes the policy's settings and throws an `Error` for those it cannot use. */
function registerSpread(name: string, read: (json: Record<string, unknown>) => () => Spread): void {
  registerLoadBalancerType(
    name,
    class extends SpreadBalancer {
      constructor(helper: ChannelControlHelper) {
        super(name, helper);
      }
    },
    class extends SpreadConfig {
      static createFromJson(json: Record<string, unknown>): SpreadConfig {
        return new SpreadConfig(name, json, read(json));
      }
    },
  );
}
