import type { PickerFactory } from '../../calling/pickers.js';
import type { TypedLoadBalancingConfig } from '../experimental.js';
import type { OutlierDetection } from './outlier-detection.js';

/** The settings of a policy based on `EndpointLoadBalancer`. */
export class EndpointPolicyConfig implements TypedLoadBalancingConfig {
  readonly #name: string;
  readonly #json: object;
  readonly createPickerFactory: () => PickerFactory;
  /** Undefined: off. */
  readonly outlierDetection: Required<OutlierDetection> | undefined;

  constructor(
    name: string,
    json: object,
    createPickerFactory: () => PickerFactory,
    outlierDetection?: Required<OutlierDetection>,
  ) {
    this.#name = name;
    this.#json = json;
    this.createPickerFactory = createPickerFactory;
    this.outlierDetection = outlierDetection;
  }

  getLoadBalancerName(): string {
    return this.#name;
  }

  toJsonObject(): object {
    return { [this.#name]: this.#json };
  }
}

/**
 * By name and shape: with a second copy of this library in the process, the config and the policy may come from different
 * copies.
 */
export function isEndpointPolicyConfig(
  config: TypedLoadBalancingConfig,
  name: string,
): config is TypedLoadBalancingConfig &
  Pick<EndpointPolicyConfig, 'createPickerFactory' | 'outlierDetection'> {
  return (
    config.getLoadBalancerName() === name &&
    typeof (config as Partial<EndpointPolicyConfig>).createPickerFactory === 'function'
  );
}
