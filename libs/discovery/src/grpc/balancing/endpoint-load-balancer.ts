import { type ChannelOptions, connectivityState } from '@grpc/grpc-js';
import {
  type ChannelControlHelper,
  createChildChannelControlHelper,
  type Endpoint,
  LeafLoadBalancer,
  type LoadBalancer,
  type PickArgs,
  type Picker,
  type PickResult,
  PickResultType,
  QueuePicker,
  type StatusOr,
  type TypedLoadBalancingConfig,
  UnavailablePicker,
} from '../experimental.js';
import { EndpointState } from './endpoint-state.js';
import type { PickerFactory } from './picker-factory.js';
import { endpointAddress, type EndpointAttributes, readEndpointAttributes } from './endpoint-attributes.js';

/** The settings of a policy that spreads calls. */
export class EndpointPolicyConfig implements TypedLoadBalancingConfig {
  readonly #name: string;
  readonly #json: object;
  readonly makeSpread: () => PickerFactory;

  constructor(name: string, json: object, makeSpread: () => PickerFactory) {
    this.#name = name;
    this.#json = json;
    this.makeSpread = makeSpread;
  }

  getLoadBalancerName(): string {
    return this.#name;
  }

  toJsonObject(): object {
    return { [this.#name]: this.#json };
  }
}

/** What an endpoint counts as that a resolver other than ours has told. */
const unknown: EndpointAttributes = { weight: 1, incarnation: '' };

/**
 * Keeps a connection to every endpoint of the list, as grpc-js' round_robin does, and lets a {@link PickerFactory} choose among
 * those that are connected. Unlike round_robin it keeps what it has when a list changes, so that a change of weights
 * touches no connection.
 */
export class EndpointLoadBalancer implements LoadBalancer {
  readonly #name: string;
  readonly #helper: ChannelControlHelper;
  readonly #candidates = new Map<string, EndpointState>();
  #spread: PickerFactory | undefined;
  #state = connectivityState.IDLE;
  #updating = false;
  #lastError = '';

  constructor(name: string, helper: ChannelControlHelper) {
    this.#name = name;
    this.#helper = helper;
  }

  updateAddressList(
    list: StatusOr<Endpoint[]>,
    config: TypedLoadBalancingConfig,
    options: ChannelOptions,
    note: string,
  ): boolean {
    if (!(config instanceof EndpointPolicyConfig)) return false;
    if (!list.ok) {
      if (this.#candidates.size === 0) this.#fail(list.error.details);
      return true;
    }
    // The config of a channel never changes, though it is read anew for each list.
    this.#spread ??= config.makeSpread();
    this.#updating = true;
    this.#dropAllBut(new Set(list.value.map(endpointAddress)));
    const traits = readEndpointAttributes(options);
    for (const endpoint of list.value) {
      const address = endpointAddress(endpoint);
      const known = this.#candidates.get(address);
      if (known) known.attributes = traits.get(address) ?? unknown;
      else
        this.#candidates.set(address, this.#connect(endpoint, traits.get(address) ?? unknown, options, note));
    }
    this.#updating = false;
    if (list.value.length === 0) this.#fail(`No addresses resolved. Resolution note: ${note}`);
    else this.#update();
    return true;
  }

  exitIdle(): void {
    // Every candidate is always connected or being connected.
  }

  resetBackoff(): void {
    // It has none: a subchannel has.
  }

  destroy(): void {
    this.#dropAllBut(new Set());
  }

  getTypeName(): string {
    return this.#name;
  }

  #connect(
    endpoint: Endpoint,
    traits: EndpointAttributes,
    options: ChannelOptions,
    note: string,
  ): EndpointState {
    const helper = createChildChannelControlHelper(this.#helper, {
      updateState: (state, _picker, error) => {
        if (error) this.#lastError = error;
        // The registry may know more by now. It is asked no more than once a second.
        if (this.#state === connectivityState.READY && state !== connectivityState.READY)
          this.#helper.requestReresolution();
        this.#update();
      },
    });
    const leaf = new LeafLoadBalancer(endpoint, helper, options, note);
    leaf.startConnecting();
    return new EndpointState(leaf, traits);
  }

  #dropAllBut(addresses: ReadonlySet<string>): void {
    for (const [address, { leaf }] of this.#candidates) {
      if (addresses.has(address)) continue;
      this.#candidates.delete(address);
      leaf.destroy();
    }
  }

  #update(): void {
    if (this.#updating) return;
    const [first, ...others] = this.#candidatesIn(connectivityState.READY);
    if (first) {
      this.#tell(connectivityState.READY, new SpreadPicker(this.#spread!([first, ...others])));
    } else if (
      this.#candidatesIn(connectivityState.CONNECTING).length > 0 ||
      this.#candidatesIn(connectivityState.IDLE).length > 0
    ) {
      this.#tell(connectivityState.CONNECTING, new QueuePicker(this));
    } else {
      this.#fail(`${this.#name}: No connection established. Last error: ${this.#lastError}`);
    }
    for (const { leaf } of this.#candidatesIn(connectivityState.IDLE)) leaf.exitIdle();
  }

  #candidatesIn(state: connectivityState): EndpointState[] {
    return [...this.#candidates.values()].filter(({ leaf }) => leaf.getConnectivityState() === state);
  }

  #fail(details: string): void {
    this.#tell(connectivityState.TRANSIENT_FAILURE, new UnavailablePicker({ details }), details);
  }

  #tell(state: connectivityState, picker: Picker, error: string | null = null): void {
    this.#state = state;
    this.#helper.updateState(state, picker, error);
  }
}

class SpreadPicker implements Picker {
  readonly #choose: () => EndpointState;

  constructor(choose: () => EndpointState) {
    this.#choose = choose;
  }

  pick(args: PickArgs): PickResult {
    const { leaf, callStarted, callEnded } = this.#choose();
    const result = leaf.getPicker().pick(args);
    if (result.pickResultType !== PickResultType.COMPLETE) return result;
    // A leaf is a pick_first, which itself hears of no call.
    return { ...result, onCallStarted: callStarted, onCallEnded: callEnded };
  }
}
