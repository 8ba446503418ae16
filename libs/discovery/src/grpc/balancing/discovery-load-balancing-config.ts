import {
  type LoadBalancingConfig,
  parseLoadBalancingConfig,
  type TypedLoadBalancingConfig,
} from '../experimental.js';

export const discoveryPolicyName = 'rollcall';

export interface DiscoveryLoadBalancingJson {
  /** The policy that spreads the calls. */
  readonly child: LoadBalancingConfig;
  /** How long replaced endpoints serve on while none of the new ones is connected, in ms; 0: not at all. */
  readonly keepReplacedMs: number;
}

/** The settings of the outermost policy of a discovered channel, as they stand in its service config. */
export class DiscoveryLoadBalancingConfig implements TypedLoadBalancingConfig {
  readonly child: TypedLoadBalancingConfig;
  readonly keepReplacedMs: number;

  constructor(child: TypedLoadBalancingConfig, keepReplacedMs: number) {
    this.child = child;
    this.keepReplacedMs = keepReplacedMs;
  }

  /** @throws {Error} for settings it cannot use; grpc-js passes over a policy whose settings throw. */
  static createFromJson({ child, keepReplacedMs }: DiscoveryLoadBalancingJson): DiscoveryLoadBalancingConfig {
    if (!Number.isInteger(keepReplacedMs) || keepReplacedMs < 0)
      throw new Error(`keepReplacedMs ${keepReplacedMs} is no whole number of milliseconds`);
    if (typeof child !== 'object' || child === null) throw new Error('child is no policy');
    return new DiscoveryLoadBalancingConfig(parseLoadBalancingConfig(child), keepReplacedMs);
  }

  getLoadBalancerName(): string {
    return discoveryPolicyName;
  }

  toJsonObject(): object {
    return {
      [discoveryPolicyName]: { child: this.child.toJsonObject(), keepReplacedMs: this.keepReplacedMs },
    };
  }
}
