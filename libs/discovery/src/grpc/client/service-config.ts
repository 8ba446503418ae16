import { DiscoveryError } from '../../model/errors.js';
import { type LoadBalancingConfig, parseLoadBalancingConfig } from '../experimental.js';

interface ServiceConfigJson {
  readonly loadBalancingConfig?: readonly LoadBalancingConfig[];
  readonly methodConfig?: readonly { readonly timeout?: unknown; readonly waitForReady?: unknown }[];
}

/**
 * Rejects what grpc-js accepts silently and does not do: an unknown or missing policy (it falls back to pick_first, and
 * one instance gets every call), a fractional timeout in text (`"0.5s"` means 5 ns), and `waitForReady` (parsed and
 * ignored). Any other mistake in a service config throws when the channel is created.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function assertServiceConfig(json: string): void {
  try {
    const { loadBalancingConfig = [], methodConfig = [] } = JSON.parse(json) as ServiceConfigJson;
    if (!Array.isArray(loadBalancingConfig) || loadBalancingConfig.length === 0)
      throw new Error('loadBalancingConfig must be a list with a policy');
    for (const policy of loadBalancingConfig) parseLoadBalancingConfig(policy);
    if (!Array.isArray(methodConfig)) throw new Error('methodConfig must be a list');
    for (const { timeout, waitForReady } of methodConfig) {
      if (typeof timeout === 'string' && timeout.includes('.'))
        throw new Error(`grpc-js misreads the timeout "${timeout}": use { seconds, nanos }`);
      if (waitForReady !== undefined)
        throw new Error('waitForReady has no effect in grpc-js: set it on the metadata of a call');
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const shown = json.length > 300 ? `${json.slice(0, 297)}...` : json;
    throw new DiscoveryError('INVALID_OPTION', `invalid grpc.service_config: ${reason} (${shown})`, {
      cause: error,
    });
  }
}
