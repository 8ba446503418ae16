import { type ChannelOptions, connectivityState, Metadata } from '@grpc/grpc-js';
import {
  type ChannelControlHelper,
  createChildChannelControlHelper,
  type Endpoint,
  LeafLoadBalancer,
  type LoadBalancer,
  type Picker,
  QueuePicker,
  type StatusOr,
  type TypedLoadBalancingConfig,
  UnavailablePicker,
} from '../experimental.js';
import { EndpointHealth, startTimerAfterReading } from '../../calling/endpoint-health.js';
import type { PickerFactory } from '../../calling/pickers.js';
import { connectionOf } from '../connection.js';
import { CrashIsolation } from './crash-isolation.js';
import { endpointAddress, type EndpointAttributes, readEndpointAttributes } from './endpoint-attributes.js';
import { EndpointPicker, EndpointState } from './endpoint-picker.js';

/** The settings of a policy based on {@link EndpointLoadBalancer}. */
export class EndpointPolicyConfig implements TypedLoadBalancingConfig {
  readonly #name: string;
  readonly #json: object;
  readonly createPickerFactory: () => PickerFactory;

  constructor(name: string, json: object, createPickerFactory: () => PickerFactory) {
    this.#name = name;
    this.#json = json;
    this.createPickerFactory = createPickerFactory;
  }

  getLoadBalancerName(): string {
    return this.#name;
  }

  toJsonObject(): object {
    return { [this.#name]: this.#json };
  }
}

/**
 * By name and shape: with a second copy of this library in the process, the config and the policy may come from different
 * copies.
 */
function isEndpointPolicyConfig(
  config: TypedLoadBalancingConfig,
  name: string,
): config is TypedLoadBalancingConfig & Pick<EndpointPolicyConfig, 'createPickerFactory'> {
  return (
    config.getLoadBalancerName() === name &&
    typeof (config as Partial<EndpointPolicyConfig>).createPickerFactory === 'function'
  );
}

/** That of grpc-js is 20 s. */
const defaultPingTimeoutMs = 5_000;

/** Of an endpoint from a resolver that is not ours. */
const defaultAttributes: EndpointAttributes = { weight: 1, incarnation: '' };

/**
 * Connects to every endpoint of the list, as the round_robin of grpc-js does, and lets a {@link PickerFactory} choose among
 * those that are connected. Unlike that round_robin it keeps its endpoints when the list changes: an update costs
 * what has changed, and counters survive it.
 */
export class EndpointLoadBalancer implements LoadBalancer {
  readonly #name: string;
  readonly #helper: ChannelControlHelper;
  readonly #endpoints = new Map<string, EndpointState>();
  #createPicker: PickerFactory | undefined;
  #state = connectivityState.IDLE;
  #updating = false;
  readonly #isolation = new CrashIsolation((ms) => this.#updateIn(ms));
  #cancelUpdate: (() => void) | undefined;
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
    if (!isEndpointPolicyConfig(config, this.#name)) return false;
    if (!list.ok) {
      if (this.#endpoints.size === 0) this.#fail(list.error.details);
      return true;
    }
    // The config of a channel never changes, although grpc-js parses it again for each list.
    this.#createPicker ??= config.createPickerFactory();
    this.#updating = true;
    this.#removeAllBut(new Set(list.value.map(endpointAddress)));
    const attributesByAddress = readEndpointAttributes(options);
    for (const endpoint of list.value) {
      const address = endpointAddress(endpoint);
      const attributes = attributesByAddress.get(address) ?? defaultAttributes;
      const state = this.#endpoints.get(address);
      if (state) Object.assign(state, { weight: attributes.weight, zone: attributes.zone });
      else this.#endpoints.set(address, this.#connect(endpoint, attributes, options, note));
    }
    this.#updating = false;
    if (list.value.length === 0) this.#fail(`No addresses resolved. Resolution note: ${note}`);
    else this.#update();
    return true;
  }

  exitIdle(): void {
    // Every endpoint is always connected or connecting.
  }

  resetBackoff(): void {
    // Subchannels have a backoff, policies do not.
  }

  destroy(): void {
    this.#updating = true;
    this.#cancelUpdate?.();
    this.#removeAllBut(new Set());
  }

  getTypeName(): string {
    return this.#name;
  }

  #connect(
    endpoint: Endpoint,
    attributes: EndpointAttributes,
    options: ChannelOptions,
    note: string,
  ): EndpointState {
    const pingTimeoutMs = Number(options['grpc.keepalive_timeout_ms'] ?? defaultPingTimeoutMs);
    const health = new EndpointHealth(pingTimeoutMs, () => this.#update());
    const helper = createChildChannelControlHelper(this.#helper, {
      updateState: (state, picker, error) => {
        if (error) this.#lastError = error;
        if (state === connectivityState.READY) {
          const { subchannel } = picker.pick({ metadata: new Metadata(), extraPickInfo: {} });
          health.connected(subchannel ? connectionOf(subchannel) : undefined);
        } else health.disconnected();
        // The registry may know more by now. Resolvers limit the rate.
        if (this.#state === connectivityState.READY && state !== connectivityState.READY)
          this.#helper.requestReresolution();
        this.#update();
      },
    });
    const leaf = new LeafLoadBalancer(endpoint, helper, options, note);
    leaf.startConnecting();
    return new EndpointState(endpointAddress(endpoint), leaf, attributes, health);
  }

  #removeAllBut(addresses: ReadonlySet<string>): void {
    for (const [address, { leaf, health }] of this.#endpoints) {
      if (addresses.has(address)) continue;
      this.#endpoints.delete(address);
      leaf.destroy();
      health.disconnected();
    }
  }

  /** Later, because the caller may be in the middle of a pick. */
  #updateIn(ms: number): void {
    if (this.#cancelUpdate && ms > 0) return;
    this.#cancelUpdate?.();
    this.#cancelUpdate = startTimerAfterReading(ms, () => {
      this.#cancelUpdate = undefined;
      this.#update();
    });
  }

  #update(): void {
    if (this.#updating) return;
    const [first, ...others] = this.#endpointsIn(connectivityState.READY);
    const idle = this.#endpointsIn(connectivityState.IDLE);
    if (first) {
      this.#publish(
        connectivityState.READY,
        new EndpointPicker([first, ...others], this.#createPicker!, this.#isolation),
      );
    } else if (idle.length > 0 || this.#endpointsIn(connectivityState.CONNECTING).length > 0) {
      this.#publish(connectivityState.CONNECTING, new QueuePicker(this));
    } else {
      this.#fail(`${this.#name}: No connection established. Last error: ${this.#lastError}`);
    }
    for (const { leaf } of idle) leaf.exitIdle();
  }

  #endpointsIn(state: connectivityState): EndpointState[] {
    return [...this.#endpoints.values()].filter(({ leaf }) => leaf.getConnectivityState() === state);
  }

  #fail(details: string): void {
    this.#publish(connectivityState.TRANSIENT_FAILURE, new UnavailablePicker({ details }), details);
  }

  #publish(state: connectivityState, picker: Picker, error: string | null = null): void {
    this.#state = state;
    this.#helper.updateState(state, picker, error);
  }
}
