import { Agent, Dispatcher } from 'undici';
import { DiscoveryError } from '../model/errors.js';
import type { InstanceFilter } from '../model/instance-filter.js';
import { addressOf, type Instance } from '../model/instance.js';
import type { Registry, Watch } from '../registry.js';
import { retryHandler } from './retry-handler.js';
import { type PickPolicy, InstancePicker } from './instance-picker.js';

export interface HttpOptions {
  /** Default `round_robin`. */
  readonly policy?: PickPolicy;
  /** Which instances. Default all. */
  readonly filter?: InstanceFilter;
  /** Default `http`. */
  readonly scheme?: 'http' | 'https';
  /** How long a connection may take to be made, in ms. Default 2,000; undici's own is 10,000. */
  readonly connectTimeoutMs?: number;
}

/** A service as an HTTP client sees it. */
export interface HttpService {
  /** For `fetch(url, { dispatcher })`, undici's or Node's own: the host in the URL stands for whoever is chosen. */
  readonly dispatcher: Dispatcher;
  /**
   * The next instance, for clients that want an address.
   * @throws {DiscoveryError} NO_INSTANCE, with the reason, when none is known; CLOSED when this or the registry was closed.
   */
  pick(): Instance;
  /** Resolves when the registry has answered for the first time; rejects with the reason of `signal`. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Stops looking, and closes the connections once what is in flight has ended. Idempotent. */
  close(): Promise<void>;
}

/**
 * The instances of a service for HTTP clients, from the same membership that gRPC channels share: round robin or random,
 * connections kept by undici for each instance and closed when they are idle. A request that could not be sent goes to
 * another instance; one whose connection was lost before a response began too, when its method is idempotent (RFC 9110,
 * section 9.2.2) and its body, if it has one, was given to the dispatcher as text or bytes: `fetch` makes a stream of it.
 * @example
 * import { fetch } from 'undici';
 * const inventory = discoverHttp(registry, 'inventory-web');
 * await inventory.ready(AbortSignal.timeout(5_000));
 * const answer = await fetch('http://inventory-web/stock/7', { dispatcher: inventory.dispatcher });
 * @throws {DiscoveryError} INVALID_INSTANCE if that is not a service name; CLOSED when the registry was closed.
 */
export function discoverHttp(
  registry: Registry,
  service: string,
  { policy = 'round_robin', filter, scheme = 'http', connectTimeoutMs = 2_000 }: HttpOptions = {},
): HttpService {
  const watch = registry.watch(service, filter);
  const rotation = new InstancePicker(policy);
  const agent = new Agent({ connect: { timeout: connectTimeoutMs } });
  // A URL leaves out the port that its scheme implies.
  agent.on('connectionError', ({ hostname, port, protocol }) =>
    rotation.avoid(`${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`),
  );
  let closed: Promise<void> | undefined;
  const pick = () => {
    if (closed || registry.closed)
      throw new DiscoveryError('CLOSED', `what discoverHttp gave for ${service} was closed; call it again`);
    const instance = rotation.next(watch.current.instances);
    if (!instance) throw new DiscoveryError('NO_INSTANCE', whyNone(registry, watch));
    return instance;
  };
  return {
    dispatcher: new Routing(agent, () => `${scheme}://${addressOf(pick())}`),
    pick,
    ready: async (signal) => void (await watch.ready(signal)),
    close: () => {
      watch.close();
      return (closed ??= agent.close());
    },
  };
}

/** Sends every request, and every repetition of one, to an origin of its own. */
class Routing extends Dispatcher {
  readonly #agent: Agent;
  readonly #origin: () => string;

  constructor(agent: Agent, origin: () => string) {
    super();
    this.#agent = agent;
    this.#origin = origin;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const dispatch: Dispatcher['dispatch'] = (attempt, attempted) =>
      this.#agent.dispatch({ ...attempt, origin: this.#origin() }, attempted);
    return dispatch(options, retryHandler(options, { dispatch, handler }));
  }
}

function whyNone(registry: Registry, { service, current: { source, lastError } }: Watch): string {
  if (source !== 'none') return `${registry.location} has no instance of ${service} that fits`;
  return `no instance of ${service} is known yet: ${lastError?.message ?? `${registry.location} has not answered; await ready() first`}`;
}
