import { addressOf, type Instance } from '../model/instance.js';

/** How an instance is chosen: each in its turn, or any. */
export type PickPolicy = 'round_robin' | 'random';

/** How long an instance that could not be connected to is passed over, in ms, as long as there are others. */
const avoidMs = 1_000;

/** Whose turn it is among instances that come and go. */
export class InstancePicker {
  readonly #policy: PickPolicy;
  readonly #avoidedUntil = new Map<string, number>();
  #turn = 0;

  constructor(policy: PickPolicy) {
    this.#policy = policy;
  }

  /** Undefined when there is none. */
  next(instances: readonly Instance[]): Instance | undefined {
    const now = performance.now();
    for (const [address, until] of this.#avoidedUntil) if (until <= now) this.#avoidedUntil.delete(address);
    const promising =
      this.#avoidedUntil.size === 0
        ? instances
        : instances.filter((instance) => !this.#avoidedUntil.has(addressOf(instance)));
    const choice = promising.length > 0 ? promising : instances;
    const at = this.#policy === 'random' ? Math.floor(Math.random() * choice.length) : this.#turn++;
    return choice[at % choice.length];
  }

  /** Nobody answers at this address, `host:port`, just now. */
  avoid(address: string): void {
    this.#avoidedUntil.set(address, performance.now() + avoidMs);
  }
}
