/** Delays between attempts. There is no last attempt: what we want of a registry, we want for ever. */
export interface BackoffOptions {
  /** First delay, in ms. Default 100: at most ten attempts a second against a registry that resets every connection. */
  readonly initialMs?: number;
  /**
   * Longest delay, in ms. Default 500, so that an instance is back within a second of its registry. Raise it where
   * thousands of instances share one registry.
   */
  readonly maxMs?: number;
}

/** Exponential backoff whose delays are drawn from the upper half of each step, so that a fleet does not move as one. */
export class Backoff {
  readonly #initialMs: number;
  readonly #maxMs: number;
  #attempt = 0;

  constructor({ initialMs = 100, maxMs = 500 }: BackoffOptions = {}) {
    if (!(initialMs >= 1)) throw new RangeError(`invalid initialMs ${initialMs}: use 1 ms or more`);
    if (!(maxMs >= initialMs))
      throw new RangeError(`invalid maxMs ${maxMs}: use initialMs (${initialMs}) or more`);
    this.#initialMs = initialMs;
    this.#maxMs = maxMs;
  }

  /** The delay before the next attempt, in ms. */
  next(): number {
    const step = Math.min(this.#maxMs, this.#initialMs * 2 ** Math.min(this.#attempt++, 30));
    return Math.max(this.#initialMs, step * (0.5 + Math.random() / 2));
  }

  reset(): void {
    this.#attempt = 0;
  }
}
