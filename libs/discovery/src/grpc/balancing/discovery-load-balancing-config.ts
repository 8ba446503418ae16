import { assertInteger } from '../../model/invalid-option.js';
import {
  type LoadBalancingConfig,
  parseLoadBalancingConfig,
  type TypedLoadBalancingConfig,
} from '../experimental.js';
import { policyNames } from './load-balancing.js';

export interface DiscoveryLoadBalancingJson {
  /** The policy that distributes the calls. */
  readonly child: LoadBalancingConfig;
  /** How long replaced endpoints are kept while no new one is connected, in ms; 0: not at all. */
  readonly keepReplacedMs: number;
}

/** The settings of {@link DiscoveryLoadBalancer} in a service config. */
export class DiscoveryLoadBalancingConfig implements TypedLoadBalancingConfig {
  readonly child: TypedLoadBalancingConfig;
  readonly keepReplacedMs: number;

  constructor(child: TypedLoadBalancingConfig, keepReplacedMs: number) {
    this.child = child;
    this.keepReplacedMs = keepReplacedMs;
  }

  /** @throws {Error} if a setting is invalid; grpc-js then skips the policy. */
  static createFromJson({ child, keepReplacedMs }: DiscoveryLoadBalancingJson): DiscoveryLoadBalancingConfig {
    assertInteger('keepReplacedMs', keepReplacedMs, 0);
    if (typeof child !== 'object' || child === null) throw new Error('invalid child: use a policy');
    return new DiscoveryLoadBalancingConfig(parseLoadBalancingConfig(child), keepReplacedMs);
  }

  getLoadBalancerName(): string {
    return policyNames.discovery;
  }

  toJsonObject(): object {
    const { child, keepReplacedMs } = this;
    return { [policyNames.discovery]: { child: child.toJsonObject(), keepReplacedMs } };
  }
}

/** By name and shape: the config may come from another copy of this library in the process. */
export function isDiscoveryLoadBalancingConfig(
  config: TypedLoadBalancingConfig,
): config is DiscoveryLoadBalancingConfig {
  const { child, keepReplacedMs } = config as Partial<DiscoveryLoadBalancingConfig>;
  return (
    config.getLoadBalancerName() === policyNames.discovery &&
    typeof child?.getLoadBalancerName === 'function' &&
    typeof keepReplacedMs === 'number'
  );
}
