import { type ChannelOptions, Metadata, type ServiceConfig, status } from '@grpc/grpc-js';
import { filterInstances } from '../../model/instance-filter.js';
import { startTimer } from '../../runtime/timers.js';
import type { Registry, Watch } from '../../registry.js';
import {
  type Endpoint,
  type Resolver,
  type ResolverListener,
  type StatusOr,
  statusOrFromError,
  statusOrFromValue,
} from '../experimental.js';
import { processState } from '../process-state.js';
import { DiscoveredServiceConfig } from './discovered-service-config.js';
import { EndpointList } from './endpoint-list.js';
import type { Target } from './target.js';

type State = Watch['current'];

/** How long calls wait for a registry that was announced and is not open yet, in ms. */
const registryWithinMs = 10_000;

/**
 * Emits a membership to one channel. grpc-js creates one resolver for each channel; they share the session with the
 * registry.
 *
 * The unwritten rules of grpc-js for resolvers:
 * - Never call the listener from the constructor or `updateResolution`, nor after `destroy`.
 * - `destroy` is not final: an idle channel destroys its resolver and calls `updateResolution` on it when it wakes.
 * - `updateResolution` is called without pause while an endpoint does not connect. Emitting the same list in response
 *   is a loop that takes a whole core (grpc/grpc-node#2609), so a call is a hint to refresh, and only changes are emitted.
 * - `attributes` become subchannel arguments, and a changed one rebuilds every connection: there are none.
 * - The service config comes with every list and every error alike; it is `null`, which means that of the channel, unless
 *   the registry has one. One that comes and goes with errors switches the policy to pick_first.
 */
export class MembershipResolver implements Resolver {
  readonly #target: Target;
  readonly #listener: ResolverListener;
  readonly #findRegistry: (preferred?: Registry) => Registry | undefined;
  /** Undefined until it is registered. */
  #registry: Registry | undefined;
  #watch: Watch | undefined;
  #pending: NodeJS.Immediate | undefined;
  #stopWaiting = () => {};
  readonly #endpoints: EndpointList;
  /** What was emitted last: a list, or why it is empty. */
  #latest: readonly Endpoint[] | string = '';
  readonly #discoveredConfig: DiscoveredServiceConfig;
  #serviceConfig: StatusOr<ServiceConfig> | null = null;

  /**
   * Without a `registry`, waits for it. `findRegistry` returns an open handle of the same registry, `preferred` if it is one
   * of them. `uri` is the target as the channel has it, for events.
   */
  constructor(
    registry: Registry | undefined,
    target: Target,
    listener: ResolverListener,
    findRegistry: (preferred?: Registry) => Registry | undefined = () => undefined,
    options: ChannelOptions = {},
    uri?: string,
  ) {
    this.#registry = registry;
    this.#endpoints = new EndpointList(uri);
    this.#target = target;
    this.#listener = listener;
    this.#findRegistry = findRegistry;
    this.#discoveredConfig = new DiscoveredServiceConfig(options);
  }

  updateResolution(): void {
    if (this.#watch && !this.#registry?.closed) return this.#watch.refresh();
    this.#start();
  }

  destroy(): void {
    processState.onRegistriesChanged.delete(this.#onRegistriesChanged);
    clearImmediate(this.#pending);
    this.#stopWaiting();
    this.#watch?.close();
    this.#watch = undefined;
  }

  #start(): void {
    const isRunning = this.#watch !== undefined;
    const registry = this.#findRegistry(this.#registry) ?? this.#registry;
    this.#registry = registry;
    if (registry?.closed) {
      if (isRunning) return;
      clearImmediate(this.#pending);
      this.#pending = setImmediate(() => this.#emitError(`${registry.location} was closed`));
      return;
    }
    this.destroy();
    processState.onRegistriesChanged.add(this.#onRegistriesChanged);
    if (!registry) return this.#waitForRegistry();
    const watch = registry.watch(this.#target.service);
    this.#watch = watch;
    this.#latest = '';
    watch.onChange((state) => this.#emit(state, registry));
    this.#pending = setImmediate(() => this.#emit(watch.current, registry));
  }

  #waitForRegistry(): void {
    const { scheme, registry } = this.#target;
    this.#stopWaiting = startTimer(registryWithinMs, () =>
      this.#emitError(`the registry of ${scheme}://${registry}/ has not been opened yet`),
    );
  }

  /** The expected registry is open, or another handle takes the place of one that is about to be closed. */
  readonly #onRegistriesChanged = (): void => {
    const registry = this.#findRegistry(this.#registry);
    if (registry && registry !== this.#registry) this.#start();
  };

  #emit(state: State, registry: Registry): void {
    const instances = filterInstances(state.instances, this.#target.filter);
    const latest =
      instances.length > 0 ? this.#endpoints.update(instances) : whyEmpty(state, this.#target, registry);
    const serviceConfig = this.#discoveredConfig.update(state.serviceConfigs, registry.location);
    if (latest === undefined || (latest === this.#latest && serviceConfig === this.#serviceConfig)) return;
    this.#latest = latest;
    this.#serviceConfig = serviceConfig;
    if (typeof latest !== 'string') {
      this.#listener(statusOrFromValue([...latest]), {}, serviceConfig, `from ${registry.location}`);
      return;
    }
    // After an empty list alone, round_robin lets calls wait for their deadline. The error makes them fail.
    if (state.source !== 'none') this.#listener(statusOrFromValue<Endpoint[]>([]), {}, serviceConfig, latest);
    this.#emitError(latest);
  }

  #emitError(details: string): void {
    const error = { code: status.UNAVAILABLE, details, metadata: new Metadata() };
    this.#listener(statusOrFromError<Endpoint[]>(error), {}, this.#serviceConfig, details);
  }
}

/** Undefined while the first response of the registry is pending. */
function whyEmpty(state: State, { service, filter }: Target, { location }: Registry): string | undefined {
  if (state.source === 'none')
    return (
      state.lastError &&
      `no instance of ${service} is known: ${location} is unavailable (${state.lastError.message})`
    );
  if (state.instances.length > 0)
    return `none of the ${state.instances.length} instances of ${service} in ${location} matches ${JSON.stringify(filter)}`;
  return `${location} has no instance of ${service}`;
}
