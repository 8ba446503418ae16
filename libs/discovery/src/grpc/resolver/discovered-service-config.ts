import { hostname } from 'node:os';
import {
  type ChannelOptions,
  logVerbosity,
  type MethodConfig,
  type RetryPolicy,
  type ServiceConfig,
  status,
} from '@grpc/grpc-js';
import { log, type StatusOr, statusOrFromValue } from '../experimental.js';

/** A service config, and the clients that it is for (gRFC A2). */
interface Choice {
  readonly clientLanguage?: readonly string[];
  readonly clientHostname?: readonly string[];
  /** Of the clients, from 0 to 100. */
  readonly percentage?: number;
  readonly serviceConfig: {
    readonly methodConfig?: readonly MethodConfigJson[];
    readonly retryThrottling?: NonNullable<ServiceConfig['retryThrottling']>;
  };
}

type MethodConfigJson = Pick<MethodConfig, 'name' | 'retryPolicy'> & { readonly timeout?: string };

/**
 * What a channel takes from the service configs of a registry: timeouts and retries of methods, and the throttling of retries. The
 * load-balancing policy stays that of the channel: a config without one would mean pick_first.
 */
export class DiscoveredServiceConfig {
  readonly #own: Partial<ServiceConfig>;
  /** Which choices with a percentage are for this channel. */
  readonly #percentile = 100 * Math.random();
  #choices: string | undefined;
  #current: StatusOr<ServiceConfig> | null = null;

  constructor({ 'grpc.service_config': own = '{}' }: ChannelOptions) {
    this.#own = JSON.parse(own) as Partial<ServiceConfig>;
  }

  /**
   * The one that a resolver emits. Null, for that of the channel, if none of the `choices` is for this client. The same object
   * as before while they are the same: a resolver that emits different ones makes grpc-js switch policies.
   */
  update(choices: string | undefined, location: string): StatusOr<ServiceConfig> | null {
    if (choices === this.#choices) return this.#current;
    this.#choices = choices;
    try {
      this.#current = choices === undefined ? null : this.#chosenFrom(JSON.parse(choices) as Choice[]);
    } catch (error) {
      // The last valid one stays.
      log(logVerbosity.ERROR, `invalid service config from ${location}: ${String(error)} (${choices})`);
    }
    return this.#current;
  }

  #chosenFrom(choices: readonly Choice[]): StatusOr<ServiceConfig> | null {
    const chosen = choices.find(
      ({ clientLanguage, clientHostname, percentage = 100 }) =>
        (clientLanguage?.includes('node') ?? true) &&
        (clientHostname?.includes(hostname()) ?? true) &&
        this.#percentile <= percentage,
    );
    if (!chosen) return null;
    const { methodConfig = [], retryThrottling = this.#own.retryThrottling } = chosen.serviceConfig;
    return statusOrFromValue({
      loadBalancingConfig: this.#own.loadBalancingConfig ?? [],
      methodConfig: methodConfig.map(readMethodConfig),
      ...(retryThrottling && { retryThrottling }),
    });
  }
}

/** grpc-js has checked the config of a channel, but not what a resolver emits. */
function readMethodConfig({ name, timeout, retryPolicy }: MethodConfigJson): MethodConfig {
  if (!Array.isArray(name)) throw new Error('methodConfig.name must be a list');
  return {
    name,
    ...(timeout !== undefined && { timeout: readDuration(timeout) }),
    ...(retryPolicy && { retryPolicy: assertRetryPolicy(retryPolicy) }),
  };
}

function readDuration(text: string): NonNullable<MethodConfig['timeout']> {
  const [, seconds, fraction = ''] = /^(\d+)(?:\.(\d{1,9}))?s$/.exec(text) ?? [];
  if (seconds === undefined) throw new Error(`invalid duration ${JSON.stringify(text)}`);
  return { seconds: Number(seconds), nanos: Number(fraction.padEnd(9, '0')) };
}

function assertRetryPolicy(policy: RetryPolicy): RetryPolicy {
  const { maxAttempts, initialBackoff, maxBackoff, backoffMultiplier, retryableStatusCodes } = policy;
  readDuration(initialBackoff);
  readDuration(maxBackoff);
  const isValid =
    Number.isInteger(maxAttempts) &&
    maxAttempts >= 2 &&
    backoffMultiplier > 0 &&
    retryableStatusCodes.length > 0 &&
    retryableStatusCodes.every((code) => code in status);
  if (!isValid) throw new Error(`invalid retryPolicy ${JSON.stringify(policy)}`);
  return policy;
}
