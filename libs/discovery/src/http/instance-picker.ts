import { addressOf, type Instance } from '../model/instance.js';

/** How an instance is chosen: one after the other, or at random. */
export type HttpLoadBalancing = 'round_robin' | 'random';

/** How long an instance is skipped after a failed connection, in ms, while there are others. */
const skipMs = 1_000;

export class InstancePicker {
  readonly #loadBalancing: HttpLoadBalancing;
  readonly #skippedUntil = new Map<string, number>();
  #next = 0;

  constructor(loadBalancing: HttpLoadBalancing) {
    this.#loadBalancing = loadBalancing;
  }

  /** Undefined if there is no instance. */
  pick(instances: readonly Instance[]): Instance | undefined {
    const now = performance.now();
    for (const [address, until] of this.#skippedUntil) if (until <= now) this.#skippedUntil.delete(address);
    const available =
      this.#skippedUntil.size === 0
        ? instances
        : instances.filter((instance) => !this.#skippedUntil.has(addressOf(instance)));
    const candidates = available.length > 0 ? available : instances;
    const index =
      this.#loadBalancing === 'random' ? Math.floor(Math.random() * candidates.length) : this.#next++;
    return candidates[index % candidates.length];
  }

  /** Skips an address, `host:port`, that has refused a connection. */
  skip(address: string): void {
    this.#skippedUntil.set(address, performance.now() + skipMs);
  }
}
