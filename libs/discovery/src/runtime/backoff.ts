/** Delays between attempts. The number of attempts is unlimited. */
export interface BackoffOptions {
  /** First delay, in ms. Default 100: at most ten attempts a second against a registry that resets every connection. */
  readonly initialMs?: number;
  /**
   * Longest delay, in ms. Default 500, so that an instance is registered again within a second after the registry is
   * back. Raise it if thousands of instances share a registry.
   */
  readonly maxMs?: number;
}

/** Exponential backoff with jitter: each delay is a random value from the upper half of its step. */
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
