import {
  createPickerFactory,
  type LoadBalancingPolicy,
  type ZoneAwareBalancing,
} from '../calling/load-balancing.js';
import type { IsolatedAttempt, IsolatingEndpoint } from '../calling/crash-isolation.js';
import { EndpointHealth } from '../calling/endpoint-health.js';
import { HealthyPicker, type PickPreferences } from '../calling/healthy-picker.js';
import { PickTarget, type PickerFactory } from '../calling/pickers.js';
import { reportSuspicion } from '../calling/suspicion-report.js';
import { addressOf, type Instance } from '../model/instance.js';
import { LinkedList, type ListEntry } from '../runtime/linked-list.js';

/** As for gRPC, over the instances that have not refused a connection lately; `random` needs no coordination. */
export type HttpLoadBalancing = LoadBalancingPolicy | ZoneAwareBalancing | 'random';

/** How long an instance is skipped after its connection was refused or lost, in ms, while there are others. */
const skipMs = 1_000;

/** How long a suspected instance may be silent before the requests that wait for it fail, in ms. */
const silenceMs = 5_000;

export interface AttemptInFlight {
  readonly isolation: IsolatedAttempt | undefined;
  /** Set while it is in flight, by its {@link HttpEndpointState}. */
  atEndpoint: ListEntry<AttemptInFlight> | undefined;
  abort(reason: Error): void;
}

export class HttpEndpointState extends PickTarget implements IsolatingEndpoint {
  instance: Instance;
  readonly health: EndpointHealth;
  isolated: IsolatedAttempt | undefined;
  readonly #inFlight = new LinkedList<AttemptInFlight>();

  constructor(instance: Instance, onHealthChange: () => void) {
    super(instance);
    this.instance = instance;
    this.health = new EndpointHealth(silenceMs, () => {
      const { id, service } = this.instance;
      reportSuspicion('http', service, { id, address: addressOf(this.instance) }, this.health);
      onHealthChange();
    });
    this.health.connected({ abandon: () => this.#abandon() });
  }

  started(attempt: AttemptInFlight): void {
    attempt.atEndpoint = this.#inFlight.add(attempt);
    this.onCallStarted();
  }

  ended(attempt: AttemptInFlight): void {
    if (!attempt.atEndpoint) return;
    this.#inFlight.remove(attempt.atEndpoint);
    attempt.atEndpoint = undefined;
    this.onCallEnded();
    if (attempt.isolation && attempt.isolation === this.isolated) this.isolated = undefined;
  }

  /** undici opens other connections for what comes next. */
  #abandon(): void {
    const reason = `${addressOf(this.instance)} has not responded for ${silenceMs} ms`;
    const error = Object.assign(new Error(reason), { code: 'UND_ERR_SOCKET' });
    for (const attempt of this.#inFlight.toArray()) attempt.abort(error);
  }
}

const random: PickerFactory = (ready) => () => ready[Math.floor(Math.random() * ready.length)]!;

export class InstancePicker {
  readonly #createPicker: PickerFactory;
  readonly #skippedUntil = new Map<string, number>();
  #endpoints = new Map<string, HttpEndpointState>();
  #listed: readonly Instance[] | undefined;
  #picker: HealthyPicker<HttpEndpointState> | undefined;

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor(loadBalancing: HttpLoadBalancing) {
    this.#createPicker = loadBalancing === 'random' ? random : createPickerFactory(loadBalancing);
  }

  /** Undefined if there is no instance. */
  pick(instances: readonly Instance[], preferences?: PickPreferences): HttpEndpointState | undefined {
    const picker = this.#update(instances);
    return preferences ? picker?.pickFor(preferences) : picker?.pick();
  }

  /** The instances that are picked. */
  available(instances: readonly Instance[]): readonly HttpEndpointState[] {
    return this.#update(instances)?.healthy ?? [];
  }

  /** Skips an address, `host:port`, whose connection was refused or lost. */
  skip(address: string): void {
    this.#skippedUntil.set(address, performance.now() + skipMs);
    this.#picker = undefined;
  }

  /** Ends what is noted about the instances. */
  close(): void {
    for (const { health } of this.#endpoints.values()) health.disconnected();
  }

  #update(instances: readonly Instance[]): HealthyPicker<HttpEndpointState> | undefined {
    const now = performance.now();
    if (instances !== this.#listed) this.#list(instances);
    for (const [address, until] of this.#skippedUntil) {
      if (until > now) continue;
      this.#skippedUntil.delete(address);
      this.#picker = undefined;
    }
    return (this.#picker ??= this.#newPicker());
  }

  /** Counters of an instance survive a new list. */
  #list(instances: readonly Instance[]): void {
    this.#listed = instances;
    const known = this.#endpoints;
    const onHealthChange = () => (this.#picker = undefined);
    this.#endpoints = new Map(
      instances.map((instance) => {
        const endpoint = known.get(addressOf(instance)) ?? new HttpEndpointState(instance, onHealthChange);
        Object.assign(endpoint, { instance, weight: instance.weight, zone: instance.zone });
        return [addressOf(instance), endpoint];
      }),
    );
    for (const [address, { health }] of known) if (!this.#endpoints.has(address)) health.disconnected();
    this.#picker = undefined;
  }

  #newPicker(): HealthyPicker<HttpEndpointState> | undefined {
    const all = [...this.#endpoints.values()];
    const available = all.filter(({ instance }) => !this.#skippedUntil.has(addressOf(instance)));
    const [first, ...others] = available.length > 0 ? available : all;
    return first && new HealthyPicker([first, ...others], this.#createPicker);
  }
}
