import { Agent, Dispatcher } from 'undici';
import type { PickPreferences } from '../calling/healthy-picker.js';
import type { RetryOptions } from '../calling/retry-budget.js';
import { DiscoveryError } from '../model/errors.js';
import type { InstanceFilter } from '../model/instance-filter.js';
import { addressOf, type Instance } from '../model/instance.js';
import type { Registry, Watch } from '../registry.js';
import { DiscoveryDispatcher } from './discovery-dispatcher.js';
import { type HttpLoadBalancing, InstancePicker } from './instance-picker.js';
import { RetryPolicy } from './retry-handler.js';

export interface DiscoverHttpOptions {
  /** How requests are distributed over the instances. Default `round_robin`. */
  readonly loadBalancing?: HttpLoadBalancing;
  /** Which instances get requests. Default: all instances. */
  readonly filter?: InstanceFilter;
  /** Timeout of a connection attempt, in ms. Default 2,000; that of undici is 10,000. */
  readonly connectTimeoutMs?: number;
  /** How requests are retried. */
  readonly retry?: RetryOptions;
  /**
   * Options of the undici agent, for example of TLS: `{ connect: { ca, cert, key } }`. A certificate has to be for the
   * name of the service.
   */
  readonly agent?: Agent.Options;
}

export interface DiscoveredHttpService {
  /**
   * For `fetch('http://<service>/...', { dispatcher })` of undici or Node, or with `https:`. The host of the URL is the
   * name of the service, which is also the `Host` header and the name that TLS checks; the request goes to an instance.
   * Any other URL, such as that of a redirect, is not discovered. `close` closes the service.
   */
  readonly dispatcher: Dispatcher;
  /**
   * The next instance, for clients that take an address.
   * @throws {DiscoveryError} NO_INSTANCE, with the reason; CLOSED after `close` of this or of the registry.
   */
  pick(): Instance;
  /** Resolves after the first response of the registry; rejects with the reason of `signal`. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Ends the watch, and closes the connections when requests in flight have ended. Idempotent. */
  close(): Promise<void>;
}

/**
 * Discovers a service for HTTP clients, through the watch that gRPC channels share. undici keeps connections to each
 * instance and closes idle ones. A request that could not be sent is retried on another instance. So is, once, an
 * idempotent request (RFC 9110, section 9.2.2) whose connection was lost before the response began, if its body is empty,
 * text or bytes: `fetch` passes a body as a stream.
 * @example
 * import { fetch } from 'undici';
 * const inventory = discoverHttp(registry, 'inventory-web');
 * await inventory.ready(AbortSignal.timeout(5_000));
 * const response = await fetch('http://inventory-web/stock/7', { dispatcher: inventory.dispatcher });
 * @throws {DiscoveryError} INVALID_INSTANCE if `service` is not a service name; INVALID_OPTION; CLOSED if the registry was
 *   closed.
 */
export function discoverHttp(
  registry: Registry,
  service: string,
  {
    loadBalancing = 'round_robin',
    filter,
    connectTimeoutMs = 2_000,
    retry,
    agent: { connect, ...agentOptions } = {},
  }: DiscoverHttpOptions = {},
): DiscoveredHttpService {
  const picker = new InstancePicker(loadBalancing);
  const retryPolicy = new RetryPolicy(retry);
  const watch = registry.watch(service, filter);
  const agent = new Agent({
    ...agentOptions,
    connect: typeof connect === 'function' ? connect : { timeout: connectTimeoutMs, ...connect },
  });
  // A URL omits the default port of its scheme.
  agent.on('connectionError', ({ hostname, port, protocol }) =>
    picker.skip(`${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`),
  );
  let closed: Promise<void> | undefined;
  const pick = (preferences?: PickPreferences) => {
    if (closed || registry.closed)
      throw new DiscoveryError('CLOSED', `${service} was closed: call discoverHttp again`);
    const endpoint = picker.pick(watch.current.instances, preferences);
    if (!endpoint) throw new DiscoveryError('NO_INSTANCE', whyEmpty(registry, watch));
    return endpoint;
  };
  const end = (closeAgent: () => Promise<void>) => {
    watch.close();
    picker.close();
    return (closed ??= closeAgent());
  };
  const available = () => picker.available(watch.current.instances);
  const onLost = (instance: Instance) => picker.skip(addressOf(instance));
  return {
    dispatcher: new DiscoveryDispatcher({ service, agent, pick, available, onLost, retryPolicy, end }),
    pick: () => pick().instance,
    ready: async (signal) => void (await watch.ready(signal)),
    close: () => end(() => agent.close()),
  };
}

function whyEmpty({ location }: Registry, { service, current: { source, lastError } }: Watch): string {
  if (source !== 'none') return `${location} has no instance of ${service} that matches`;
  return `no instance of ${service} is known yet: ${lastError?.message ?? `${location} has not responded; await ready() first`}`;
}
