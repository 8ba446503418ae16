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
import { EndpointHealth } from '../../calling/endpoint-health.js';
import type { PickerFactory } from '../../calling/pickers.js';
import { reportSuspicion } from '../../calling/suspicion-report.js';
import { startTimerAfterReading } from '../../runtime/timers.js';
import { connectionOf } from '../connection.js';
import { ConnectionReporter } from './connection-events.js';
import { endpointAttributes, isReplaced } from './endpoint-attributes.js';
import { diffEndpoints } from './endpoint-diff.js';
import { EndpointPicker } from './endpoint-picker.js';
import { EndpointState } from './endpoint-state.js';
import { isEndpointPolicyConfig } from './endpoint-policy-config.js';
import { CallOutcomes, OutlierDetector } from './outlier-detector.js';

/** How long the response to a ping may take, in ms. */
const defaultPingTimeoutMs = 5_000;

/**
 * Connects to every endpoint of the list, as the round_robin of grpc-js does, and lets a {@link PickerFactory} choose among
 * those that are connected. Unlike that round_robin it keeps its endpoints when the list changes: an update costs
 * what has changed, and counters survive it.
 */
export class EndpointLoadBalancer implements LoadBalancer {
  readonly #name: string;
  readonly #helper: ChannelControlHelper;
  #listed: readonly Endpoint[] = [];
  /** By address. */
  readonly #endpoints = new Map<string, EndpointState>();
  readonly #connections = new Map<string, ConnectionReporter>();
  readonly #ready = new Set<EndpointState>();
  /** The endpoints in TRANSIENT_FAILURE. The others are connecting. */
  readonly #failing = new Set<EndpointState>();
  #createPicker: PickerFactory | undefined;
  #outlierDetector: OutlierDetector | undefined;
  #state = connectivityState.IDLE;
  /** Whether a picker must be published although the state is the same. */
  #isPickerOutdated = true;
  #updating = false;
  #lastError = '';
  readonly #repickIn = (ms: number): void => this.#publishAgainIn(ms);
  #cancelPublishing: (() => void) | undefined;

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
    if (config.outlierDetection)
      this.#outlierDetector ??= new OutlierDetector(config.outlierDetection, () => this.#publishAgain());
    const { removed, added } = diffEndpoints(this.#listed, list.value);
    this.#listed = list.value;
    this.#updating = true;
    for (const address of removed.keys()) if (!added.has(address)) this.#remove(address);
    for (const [address, endpoint] of added) this.#put(address, endpoint, options, note);
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
    this.#cancelPublishing?.();
    for (const address of this.#endpoints.keys()) this.#remove(address);
    this.#listed = [];
  }

  getTypeName(): string {
    return this.#name;
  }

  /** Adds an endpoint, or takes over its attributes. Another incarnation does not inherit counters. */
  #put(address: string, endpoint: Endpoint, options: ChannelOptions, note: string): void {
    const known = this.#endpoints.get(address);
    if (known && !isReplaced(known.leaf.getEndpoint(), endpoint)) {
      const { weight, zone } = endpointAttributes(endpoint);
      if (known.weight === weight && known.zone === zone) return;
      Object.assign(known, { weight, zone });
      this.#isPickerOutdated = true;
      return;
    }
    if (known) this.#remove(address);
    const connection = new ConnectionReporter(endpoint);
    const helper = createChildChannelControlHelper(this.#helper, {
      updateState: (connectivity, picker, error) => {
        // A leaf may call after it was destroyed.
        if (this.#endpoints.get(address) !== state) return;
        const isReady = connectivity === connectivityState.READY;
        const { subchannel } = isReady
          ? picker.pick({ metadata: new Metadata(), extraPickInfo: {} })
          : { subchannel: null };
        connection.report(connectivity, error, subchannel?.getRealSubchannel());
        if (isReady) health.connected(subchannel ? connectionOf(subchannel) : undefined);
        else health.disconnected();
        this.#onStateChange(state, connectivity, error);
      },
    });
    const pingTimeoutMs = Number(options['grpc.keepalive_timeout_ms'] ?? defaultPingTimeoutMs);
    const health = new EndpointHealth(pingTimeoutMs, () => {
      reportSuspicion('grpc', state.service, state.instance, health);
      this.#publishAgain();
    });
    const leaf = new LeafLoadBalancer(endpoint, helper, options, note);
    const state = new EndpointState(address, leaf, endpointAttributes(endpoint), health);
    if (this.#outlierDetector) {
      state.outcomes = new CallOutcomes(state.service, state.instance, endpointAttributes(endpoint).target);
      this.#outlierDetector.add(state.outcomes);
    }
    this.#endpoints.set(address, state);
    this.#connections.set(address, connection);
    leaf.startConnecting();
  }

  #remove(address: string): void {
    const state = this.#endpoints.get(address)!;
    this.#endpoints.delete(address);
    this.#connections.get(address)?.report(connectivityState.SHUTDOWN);
    this.#connections.delete(address);
    this.#failing.delete(state);
    if (this.#ready.delete(state)) this.#isPickerOutdated = true;
    if (state.outcomes) this.#outlierDetector?.remove(state.outcomes);
    state.health.disconnected();
    state.leaf.destroy();
  }

  #onStateChange(endpoint: EndpointState, connectivity: connectivityState, error: string | null): void {
    if (error) this.#lastError = error;
    const wasReady = this.#ready.has(endpoint);
    // The registry may know more by now. Resolvers limit the rate.
    if (wasReady && connectivity !== connectivityState.READY) this.#helper.requestReresolution();
    setMember(this.#ready, endpoint, connectivity === connectivityState.READY);
    setMember(this.#failing, endpoint, connectivity === connectivityState.TRANSIENT_FAILURE);
    if (wasReady !== this.#ready.has(endpoint)) this.#isPickerOutdated = true;
    this.#update();
    if (connectivity === connectivityState.IDLE) endpoint.leaf.exitIdle();
  }

  #update(): void {
    if (this.#updating) return;
    const state = this.#aggregatedState();
    // A picker makes all waiting calls pick again. In TRANSIENT_FAILURE each one has the last error.
    const hasChanged = state !== this.#state || state === connectivityState.TRANSIENT_FAILURE;
    if (!hasChanged && !this.#isPickerOutdated) return;
    this.#isPickerOutdated = false;
    const [first, ...others] = this.#callable();
    if (first)
      this.#publish(state, new EndpointPicker([first, ...others], this.#createPicker!, this.#repickIn));
    else if (state === connectivityState.CONNECTING) this.#publish(state, new QueuePicker(this));
    else this.#fail(`${this.#name}: No connection established. Last error: ${this.#lastError}`);
  }

  /** Later, because the caller is in the middle of a pick, or of the end of a call. */
  #publishAgainIn(ms: number): void {
    if (ms === 0) queueMicrotask(() => this.#publishAgain());
    else
      this.#cancelPublishing ??= startTimerAfterReading(ms, () => {
        this.#cancelPublishing = undefined;
        this.#publishAgain();
      });
  }

  /** Publishes a new picker, by which waiting calls pick again. */
  #publishAgain(): void {
    this.#isPickerOutdated = true;
    this.#update();
  }

  /**
   * The connected endpoints that are not ejected, or all of them if every one is: an endpoint that may fail is better than none.
   * gRFC A50 has no such rule; Envoy, where outlier detection comes from, calls it the panic threshold.
   */
  #callable(): readonly EndpointState[] {
    const ready = [...this.#ready];
    if (!this.#outlierDetector?.hasEjected) return ready;
    const others = ready.filter(({ outcomes }) => outcomes?.ejectedAt === undefined);
    return others.length > 0 ? others : ready;
  }

  #aggregatedState(): connectivityState {
    if (this.#ready.size > 0) return connectivityState.READY;
    return this.#failing.size < this.#endpoints.size
      ? connectivityState.CONNECTING
      : connectivityState.TRANSIENT_FAILURE;
  }

  #fail(details: string): void {
    this.#publish(connectivityState.TRANSIENT_FAILURE, new UnavailablePicker({ details }), details);
  }

  #publish(state: connectivityState, picker: Picker, error: string | null = null): void {
    this.#state = state;
    this.#helper.updateState(state, picker, error);
  }
}

function setMember<T>(set: Set<T>, value: T, isMember: boolean): void {
  if (isMember) set.add(value);
  else set.delete(value);
}
