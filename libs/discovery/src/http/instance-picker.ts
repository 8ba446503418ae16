import {
  createPickerFactory,
  type LoadBalancingPolicy,
  type ZoneAwareBalancing,
} from '../calling/load-balancing.js';
import { PickTarget, type PickerFactory } from '../calling/pickers.js';
import { addressOf, type Instance } from '../model/instance.js';

/** As for gRPC, over the instances that have not refused a connection lately; `random` needs no coordination. */
export type HttpLoadBalancing = LoadBalancingPolicy | ZoneAwareBalancing | 'random';

/** How long an instance is skipped after its connection was refused or lost, in ms, while there are others. */
const skipMs = 1_000;

export class HttpEndpointState extends PickTarget {
  instance: Instance;

  constructor(instance: Instance) {
    super(instance);
    this.instance = instance;
  }
}

const random: PickerFactory = (ready) => () => ready[Math.floor(Math.random() * ready.length)]!;

export class InstancePicker {
  readonly #createPicker: PickerFactory;
  readonly #skippedUntil = new Map<string, number>();
  #endpoints = new Map<string, HttpEndpointState>();
  #listed: readonly Instance[] | undefined;
  #pick: (() => HttpEndpointState) | undefined;

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor(loadBalancing: HttpLoadBalancing) {
    this.#createPicker = loadBalancing === 'random' ? random : createPickerFactory(loadBalancing);
  }

  /** Undefined if there is no instance. */
  pick(instances: readonly Instance[]): HttpEndpointState | undefined {
    const now = performance.now();
    let changed = this.#update(instances);
    for (const [address, until] of this.#skippedUntil) {
      if (until <= now) changed = this.#skippedUntil.delete(address);
    }
    if (changed) this.#pick = undefined;
    this.#pick ??= this.#newPicker();
    return this.#pick?.();
  }

  /** Skips an address, `host:port`, whose connection was refused or lost. */
  skip(address: string): void {
    this.#skippedUntil.set(address, performance.now() + skipMs);
    this.#pick = undefined;
  }

  /** Counters of an instance survive a new list. Returns whether the list is new. */
  #update(instances: readonly Instance[]): boolean {
    if (instances === this.#listed) return false;
    this.#listed = instances;
    const known = this.#endpoints;
    this.#endpoints = new Map(
      instances.map((instance) => {
        const endpoint = known.get(addressOf(instance)) ?? new HttpEndpointState(instance);
        Object.assign(endpoint, { instance, weight: instance.weight, zone: instance.zone });
        return [addressOf(instance), endpoint];
      }),
    );
    return true;
  }

  #newPicker(): (() => HttpEndpointState) | undefined {
    const all = [...this.#endpoints.values()];
    const available = all.filter(({ instance }) => !this.#skippedUntil.has(addressOf(instance)));
    const [first, ...others] = available.length > 0 ? available : all;
    return first && this.#createPicker([first, ...others]);
  }
}
