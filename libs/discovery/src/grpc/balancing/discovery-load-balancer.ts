import { type ChannelOptions, connectivityState } from '@grpc/grpc-js';
import { startTimer } from '../../runtime/timers.js';
import {
  type ChannelControlHelper,
  ChildLoadBalancerHandler,
  createChildChannelControlHelper,
  type Endpoint,
  type LoadBalancer,
  type Picker,
  type PickResult,
  PickResultType,
  type StatusOr,
  statusOrFromValue,
  type SubchannelInterface,
  subchannelAddressToString,
  type TypedLoadBalancingConfig,
} from '../experimental.js';
import { limitConnectionAttempts } from './connect-timeout.js';
import {
  type DiscoveryLoadBalancingConfig,
  isDiscoveryLoadBalancingConfig,
} from './discovery-load-balancing-config.js';
import { endpointAddress, isReplaced } from './endpoint-attributes.js';
import { diffEndpoints } from './endpoint-diff.js';
import { policyNames } from './load-balancing.js';
import { Reconnector, resetBackoff } from './reconnector.js';

interface ResolverUpdate {
  readonly endpoints: readonly Endpoint[];
  readonly config: DiscoveryLoadBalancingConfig;
  readonly options: ChannelOptions;
  readonly note: string;
}

/**
 * The outermost policy of a discovered channel. Its child distributes the calls; this policy adds what a registry knows
 * and grpc-js does not:
 *
 * - **Reconnect at once.** When an address has a new incarnation, its backoff ends.
 * - **Make before break.** grpc-js drops connections that are not in a new list, even if no endpoint of that list is
 *   reachable. This policy keeps connected endpoints until a listed one is connected, for a bounded time. An
 *   empty list drops them at once.
 * - **Connect timeout.** grpc-js has none.
 *
 * Around the outlier detection of grpc-js it adds what ours has: while every connected endpoint is ejected, calls go to the
 * ejected ones; and an ejection ends when another instance takes over the address.
 */
export class DiscoveryLoadBalancer implements LoadBalancer {
  readonly #child: LoadBalancer;
  /** The newest subchannel of each address that the child knows. */
  readonly #subchannels = new Map<string, SubchannelInterface>();
  /** By address: ends the time limit of connection attempts. */
  readonly #connectTimeouts = new Map<string, () => void>();
  readonly #reconnector = new Reconnector();
  #latest: ResolverUpdate | undefined;
  /** The list of the child: the latest endpoints, and those that are kept from earlier lists. */
  #childEndpoints: readonly Endpoint[] = [];
  /** When kept endpoints are dropped; monotonic, in ms. */
  #keepUntil: number | undefined;
  #cancelRecheck = () => {};
  /** Suppresses the state of the child while its list is incomplete: see {@link #reset}. */
  #resetting = false;

  constructor(helper: ChannelControlHelper) {
    this.#child = new ChildLoadBalancerHandler(
      createChildChannelControlHelper(helper, {
        createSubchannel: (address, options) => {
          const subchannel = helper.createSubchannel(address, options);
          const key = subchannelAddressToString(address);
          this.#subchannels.set(key, subchannel);
          this.#connectTimeouts.get(key)?.();
          this.#connectTimeouts.set(key, limitConnectionAttempts(subchannel, options));
          return subchannel;
        },
        updateState: (state, picker, error) => {
          if (this.#resetting) return;
          const mayPanic = state !== connectivityState.READY && this.#hasGrpcJsOutlierDetection;
          const [ready, ...others] = mayPanic ? this.#readySubchannels() : [];
          if (ready) helper.updateState(connectivityState.READY, new PanicPicker([ready, ...others]), null);
          else helper.updateState(state, picker, error);
          // Later, because the child is in the middle of its own update.
          if (this.#keepUntil !== undefined && this.#latest?.endpoints.some(this.#isReady))
            this.#recheckIn(0);
        },
      }),
    );
  }

  updateAddressList(
    list: StatusOr<Endpoint[]>,
    config: TypedLoadBalancingConfig,
    options: ChannelOptions,
    note: string,
  ): boolean {
    if (!isDiscoveryLoadBalancingConfig(config)) return false;
    if (!list.ok) return this.#child.updateAddressList(list, config.child, options, note);
    this.#latest = { endpoints: list.value, config, options, note };
    return this.#updateChild(this.#latest);
  }

  exitIdle(): void {
    this.#child.exitIdle();
  }

  resetBackoff(): void {
    for (const subchannel of this.#subchannels.values()) resetBackoff(subchannel);
  }

  destroy(): void {
    this.#cancelRecheck();
    this.#reconnector.cancelAll();
    this.#keepUntil = undefined;
    this.#child.destroy();
    for (const address of this.#subchannels.keys()) this.#forget(address);
  }

  getTypeName(): string {
    return policyNames.discovery;
  }

  #updateChild(latest: ResolverUpdate): boolean {
    const kept = this.#endpointsToKeep(latest);
    if (kept.length === 0) {
      this.#keepUntil = undefined;
      this.#cancelRecheck();
    } else this.#recheckIn(this.#keepUntil! - performance.now());
    const endpoints = kept.length === 0 ? latest.endpoints : [...latest.endpoints, ...kept];
    const { removed, added } = diffEndpoints(this.#childEndpoints, endpoints);
    for (const address of removed.keys()) {
      if (added.has(address)) continue;
      this.#forget(address);
    }
    const isNew = (address: string, endpoint: Endpoint) =>
      !removed.has(address) || isReplaced(removed.get(address)!, endpoint);
    const incarnations = [...added].filter(([address, endpoint]) => isNew(address, endpoint));
    const replaced = incarnations.flatMap(([address]) => removed.get(address) ?? []);
    if (replaced.length > 0 && this.#hasGrpcJsOutlierDetection) this.#reset(new Set(replaced), latest);
    this.#childEndpoints = endpoints;
    const accepted = this.#updateChildList(endpoints, latest);
    for (const [address] of incarnations) {
      const subchannel = this.#subchannels.get(address);
      if (subchannel) this.#reconnector.reconnect(address, subchannel);
    }
    return accepted;
  }

  #forget(address: string): void {
    this.#connectTimeouts.get(address)?.();
    this.#connectTimeouts.delete(address);
    this.#subchannels.delete(address);
    this.#reconnector.cancel(address);
  }

  #updateChildList(endpoints: readonly Endpoint[], { config, options, note }: ResolverUpdate): boolean {
    return this.#child.updateAddressList(statusOrFromValue([...endpoints]), config.child, options, note);
  }

  /** Connected endpoints that are no longer listed, while no listed one is connected. */
  #endpointsToKeep({ endpoints, config }: ResolverUpdate): readonly Endpoint[] {
    if (endpoints.length === 0 || endpoints.some(this.#isReady)) return [];
    const listed = new Set(endpoints.map(endpointAddress));
    const kept = this.#childEndpoints.filter(
      (endpoint) => !listed.has(endpointAddress(endpoint)) && this.#isReady(endpoint),
    );
    if (kept.length === 0) return kept;
    // Further lists do not prolong it: the time runs from the first removal.
    this.#keepUntil ??= performance.now() + config.keepReplacedMs;
    return this.#keepUntil > performance.now() ? kept : [];
  }

  /**
   * Makes the child drop what it knows of replaced instances. The outlier detection of grpc-js identifies an endpoint by
   * its address, and keeps an ejection until a list comes without that address.
   */
  #reset(replaced: ReadonlySet<Endpoint>, latest: ResolverUpdate): void {
    const others = this.#childEndpoints.filter((endpoint) => !replaced.has(endpoint));
    this.#resetting = true;
    this.#updateChildList(others, latest);
    this.#resetting = false;
  }

  get #hasGrpcJsOutlierDetection(): boolean {
    return this.#latest?.config.child.getLoadBalancerName() === 'outlier_detection';
  }

  #recheckIn(ms: number): void {
    this.#cancelRecheck();
    this.#cancelRecheck = startTimer(ms, () => this.#latest && this.#updateChild(this.#latest));
  }

  #readySubchannels(): readonly SubchannelInterface[] {
    return [...this.#subchannels.values()].filter(
      (subchannel) => subchannel.getConnectivityState() === connectivityState.READY,
    );
  }

  readonly #isReady = (endpoint: Endpoint): boolean =>
    this.#subchannels.get(endpointAddress(endpoint))?.getConnectivityState() === connectivityState.READY;
}

/**
 * Round robin over connected endpoints, ejected or not: see `EndpointLoadBalancer`.
 */
class PanicPicker implements Picker {
  readonly #connected: readonly [SubchannelInterface, ...SubchannelInterface[]];
  #next = 0;

  constructor(connected: readonly [SubchannelInterface, ...SubchannelInterface[]]) {
    this.#connected = connected;
  }

  pick(): PickResult {
    return {
      pickResultType: PickResultType.COMPLETE,
      subchannel: this.#connected[this.#next++ % this.#connected.length]!,
      status: null,
      onCallStarted: null,
      onCallEnded: null,
    };
  }
}
