import { DiscoveryError } from '../../model/errors.js';
import { type LoadBalancingConfig, parseLoadBalancingConfig } from '../experimental.js';

interface ServiceConfigJson {
  readonly loadBalancingConfig?: readonly LoadBalancingConfig[];
  readonly methodConfig?: readonly { readonly timeout?: unknown; readonly waitForReady?: unknown }[];
}

/**
 * Refuses what grpc-js takes without a word and does not do: a policy it cannot read (it falls back to pick_first, one
 * instance gets everything), no policy at all (the same), a timeout with a fraction in text (`"0.5s"` means 5 ns), and
 * `waitForReady` (parsed and ignored). Everything else that is wrong in a service config throws when the channel is made.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function assertServiceConfig(json: string): void {
  try {
    const { loadBalancingConfig = [], methodConfig = [] } = JSON.parse(json) as ServiceConfigJson;
    if (!Array.isArray(loadBalancingConfig) || loadBalancingConfig.length === 0)
      throw new Error('loadBalancingConfig names no policy; give it a list with one');
    for (const policy of loadBalancingConfig) parseLoadBalancingConfig(policy);
    if (!Array.isArray(methodConfig)) throw new Error('methodConfig is no list');
    for (const { timeout, waitForReady } of methodConfig) {
      if (typeof timeout === 'string' && timeout.includes('.'))
        throw new Error(`timeout "${timeout}" is misread; write { seconds, nanos }`);
      if (waitForReady !== undefined)
        throw new Error('waitForReady has no effect in grpc-js; set it on the metadata of a call');
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const shown = json.length > 300 ? `${json.slice(0, 297)}...` : json;
    throw new DiscoveryError('INVALID_OPTION', `grpc.service_config is not usable: ${reason} (${shown})`, {
      cause: error,
    });
  }
}
