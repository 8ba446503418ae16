import { type ChannelOptions, connectivityState } from '@grpc/grpc-js';
import { startTimer } from '../../runtime/timers.js';
import {
  type ChannelControlHelper,
  ChildLoadBalancerHandler,
  createChildChannelControlHelper,
  type Endpoint,
  type LoadBalancer,
  type StatusOr,
  statusOrFromValue,
  type SubchannelInterface,
  subchannelAddressToString,
  type TypedLoadBalancingConfig,
} from '../experimental.js';
import { IncarnationTracker } from './incarnation-tracker.js';
import { PanicPicker } from './panic-picker.js';
import { resetBackoff } from './reset-backoff.js';
import { DiscoveryLoadBalancingConfig, discoveryPolicyName } from './discovery-load-balancing-config.js';
import {
  endpointAddress,
  toResolverAttributes,
  type AttributesByAddress,
  readEndpointAttributes,
} from './endpoint-attributes.js';

/** A list as the resolver told it. */
interface Told {
  readonly endpoints: readonly Endpoint[];
  readonly config: DiscoveryLoadBalancingConfig;
  readonly options: ChannelOptions;
  readonly note: string;
}

/**
 * The outermost policy of a discovered channel. It leaves the spreading of calls to its child and adds what a registry
 * knows and grpc-js does not:
 *
 * - **Reconnect at once.** An address that is announced anew is connected to now, not when the backoff of the instance
 *   that was there before is over; nor is it left out for the errors of that one.
 * - **Make before break.** grpc-js drops every connection that is not in a new list, also when none in the list
 *   answers. Connected endpoints that leave stay until one of the new list is connected, and for a bounded time. An
 *   empty list is taken at its word.
 * - **Never nobody.** While none of the connected endpoints may be called, since outlier detection took them all out, they
 *   are called all the same.
 */
export class DiscoveryLoadBalancer implements LoadBalancer {
  readonly #child: LoadBalancer;
  /** The latest of each address that the child knows. */
  readonly #subchannels = new Map<string, SubchannelInterface>();
  readonly #announcements = new IncarnationTracker();
  #told: Told | undefined;
  #traits: AttributesByAddress = new Map();
  /** What the child has: the list, and what stays of earlier ones. */
  #serving: readonly Endpoint[] = [];
  /** When what stays of earlier lists goes; monotonic, in ms. */
  #keptUntil: number | undefined;
  #cancelReview = () => {};
  /** Whether what the child says is of a list that serves only to make it forget. */
  #forgetting = false;

  constructor(helper: ChannelControlHelper) {
    this.#child = new ChildLoadBalancerHandler(
      createChildChannelControlHelper(helper, {
        createSubchannel: (address, options) => {
          const subchannel = helper.createSubchannel(address, options);
          this.#subchannels.set(subchannelAddressToString(address), subchannel);
          return subchannel;
        },
        updateState: (state, picker, error) => {
          if (this.#forgetting) return;
          const [connected, ...others] = state === connectivityState.READY ? [] : this.#connected();
          if (connected) {
            helper.updateState(connectivityState.READY, new PanicPicker([connected, ...others]), null);
          } else helper.updateState(state, picker, error);
          this.#announcements.reconnect(this.#subchannels);
          // Not from within: the child is in the middle of its own update.
          if (this.#keptUntil !== undefined && this.#told?.endpoints.some(this.#isReady)) this.#reviewIn(0);
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
    if (!(config instanceof DiscoveryLoadBalancingConfig)) return false;
    if (!list.ok) return this.#child.updateAddressList(list, config.child, options, note);
    this.#told = { endpoints: list.value, config, options, note };
    const reborn = this.#announcements.hear(this.#traits, readEndpointAttributes(options));
    if (reborn.size > 0) this.#forget(reborn);
    return this.#serve(this.#told, this.#replaced(this.#told));
  }

  exitIdle(): void {
    this.#child.exitIdle();
  }

  resetBackoff(): void {
    for (const subchannel of this.#subchannels.values()) resetBackoff(subchannel);
  }

  destroy(): void {
    this.#cancelReview();
    this.#keptUntil = undefined;
    this.#child.destroy();
    this.#subchannels.clear();
  }

  getTypeName(): string {
    return discoveryPolicyName;
  }

  /** Those that serve and are not in this list, as long as it cannot do without them. */
  #replaced({ endpoints, config }: Told): readonly Endpoint[] {
    if (endpoints.length === 0 || endpoints.some(this.#isReady)) return [];
    const listed = new Set(endpoints.map(endpointAddress));
    const replaced = this.#serving.filter(
      (endpoint) => !listed.has(endpointAddress(endpoint)) && this.#isReady(endpoint),
    );
    if (replaced.length === 0) return replaced;
    // Lists that follow one another do not prolong it: the time runs from when the first was replaced.
    this.#keptUntil ??= performance.now() + config.keepReplacedMs;
    return this.#keptUntil > performance.now() ? replaced : [];
  }

  #serve({ endpoints, config, options, note }: Told, kept: readonly Endpoint[]): boolean {
    if (kept.length === 0) {
      this.#keptUntil = undefined;
      this.#cancelReview();
    } else this.#reviewIn(this.#keptUntil! - performance.now());
    this.#serving = [...endpoints, ...kept];
    const addresses = new Set(this.#serving.map(endpointAddress));
    const traits = new Map(
      [...this.#traits, ...readEndpointAttributes(options)].filter(([address]) => addresses.has(address)),
    );
    this.#traits = traits;
    for (const address of this.#subchannels.keys()) {
      if (!addresses.has(address)) this.#subchannels.delete(address);
    }
    const accepted = this.#child.updateAddressList(
      statusOrFromValue([...this.#serving]),
      config.child,
      { ...options, ...toResolverAttributes(traits) },
      note,
    );
    this.#announcements.reconnect(this.#subchannels);
    return accepted;
  }

  /** Policies know an endpoint by its address, and so take another instance there for the same until it was not listed. */
  #forget(reborn: ReadonlySet<string>): void {
    const { config, options, note } = this.#told!;
    const others = this.#serving.filter((endpoint) => !reborn.has(endpointAddress(endpoint)));
    this.#forgetting = true;
    this.#child.updateAddressList(statusOrFromValue(others), config.child, options, note);
    this.#forgetting = false;
  }

  /** Looks again then whether the replaced ones have to stay. */
  #reviewIn(ms: number): void {
    this.#cancelReview();
    this.#cancelReview = startTimer(
      ms,
      () => this.#told && this.#serve(this.#told, this.#replaced(this.#told)),
    );
  }

  #connected(): readonly SubchannelInterface[] {
    return [...this.#subchannels.values()].filter(
      (subchannel) => subchannel.getConnectivityState() === connectivityState.READY,
    );
  }

  readonly #isReady = (endpoint: Endpoint): boolean =>
    this.#subchannels.get(endpointAddress(endpoint))?.getConnectivityState() === connectivityState.READY;
}
