/** Chance that falls the same way in every process: what it gives depends on the seed alone. */
export class SeededRandom {
  #state: number;

  constructor(seed: string) {
    this.#state = [...seed].reduce(
      (hash, character) => (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0,
      7,
    );
  }

  /** From 0 up to, not including, 1. A linear congruential generator with the constants of Numerical Recipes. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }

  /** An integer from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of `items`, of which there is at least one. */
  one<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!;
  }

  /** So many of `items`, none twice; all of them where there are fewer. */
  some<T>(count: number, items: readonly T[]): T[] {
    const left = [...items];
    return Array.from({ length: Math.min(count, left.length) }, () =>
      left.splice(this.integer(0, left.length - 1), 1),
    ).flat();
  }
}
