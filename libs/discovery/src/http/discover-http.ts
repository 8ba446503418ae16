import { Agent, Dispatcher } from 'undici';
import { DiscoveryError } from '../model/errors.js';
import type { InstanceFilter } from '../model/instance-filter.js';
import { addressOf, type Instance } from '../model/instance.js';
import type { Registry, Watch } from '../registry.js';
import { type HttpLoadBalancing, InstancePicker } from './instance-picker.js';
import { retryHandler } from './retry-handler.js';

export interface DiscoverHttpOptions {
  /** Default `round_robin`. */
  readonly loadBalancing?: HttpLoadBalancing;
  /** Default: all instances. */
  readonly filter?: InstanceFilter;
  /** Default `http`. */
  readonly scheme?: 'http' | 'https';
  /** Timeout of a connection attempt, in ms. Default 2,000; that of undici is 10,000. */
  readonly connectTimeoutMs?: number;
}

export interface DiscoveredHttpService {
  /** For `fetch(url, { dispatcher })`, of undici or Node: the address of an instance replaces the host of the URL. */
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
 * instance and closes idle ones. A request that could not be sent is retried on another instance. So is an idempotent
 * request (RFC 9110, section 9.2.2) whose connection was lost before the response began, if its body is empty, text or
 * bytes: `fetch` passes a body as a stream.
 * @example
 * import { fetch } from 'undici';
 * const inventory = discoverHttp(registry, 'inventory-web');
 * await inventory.ready(AbortSignal.timeout(5_000));
 * const response = await fetch('http://inventory-web/stock/7', { dispatcher: inventory.dispatcher });
 * @throws {DiscoveryError} INVALID_INSTANCE if `service` is not a service name; CLOSED if the registry was closed.
 */
export function discoverHttp(
  registry: Registry,
  service: string,
  {
    loadBalancing = 'round_robin',
    filter,
    scheme = 'http',
    connectTimeoutMs = 2_000,
  }: DiscoverHttpOptions = {},
): DiscoveredHttpService {
  const watch = registry.watch(service, filter);
  const picker = new InstancePicker(loadBalancing);
  const agent = new Agent({ connect: { timeout: connectTimeoutMs } });
  // A URL omits the default port of its scheme.
  agent.on('connectionError', ({ hostname, port, protocol }) =>
    picker.skip(`${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`),
  );
  let closed: Promise<void> | undefined;
  const pick = () => {
    if (closed || registry.closed)
      throw new DiscoveryError('CLOSED', `${service} was closed: call discoverHttp again`);
    const instance = picker.pick(watch.current.instances);
    if (!instance) throw new DiscoveryError('NO_INSTANCE', whyEmpty(registry, watch));
    return instance;
  };
  return {
    dispatcher: new DiscoveryDispatcher(agent, () => `${scheme}://${addressOf(pick())}`),
    pick,
    ready: async (signal) => void (await watch.ready(signal)),
    close: () => {
      watch.close();
      return (closed ??= agent.close());
    },
  };
}

/** Picks the origin of each attempt. */
class DiscoveryDispatcher extends Dispatcher {
  readonly #agent: Agent;
  readonly #pickOrigin: () => string;

  constructor(agent: Agent, pickOrigin: () => string) {
    super();
    this.#agent = agent;
    this.#pickOrigin = pickOrigin;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const dispatch: Dispatcher['dispatch'] = (attempt, attemptHandler) =>
      this.#agent.dispatch({ ...attempt, origin: this.#pickOrigin() }, attemptHandler);
    return dispatch(options, retryHandler(options, { dispatch, handler }));
  }
}

function whyEmpty({ location }: Registry, { service, current: { source, lastError } }: Watch): string {
  if (source !== 'none') return `${location} has no instance of ${service} that matches`;
  return `no instance of ${service} is known yet: ${lastError?.message ?? `${location} has not responded; await ready() first`}`;
}
