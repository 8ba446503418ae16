/** How many times its initial value the delay can reach in a burst: the default of 5 ms grows to 80 ms. */
const maxGrowth = 16;
/** The longest delay, in ms: half of the time for which a draining mark is visible, so that none is missed. */
export const maxDebounceMs = 100;

/**
 * How long changes are collected before they are published as one: briefly when they are rare, longer during a burst,
 * because each publication costs more the larger the service is.
 */
export class Debounce {
  readonly #initialMs: number;
  #delayMs: number;
  #delayEndedAt = -Infinity;

  constructor(initialMs: number) {
    this.#initialMs = initialMs;
    this.#delayMs = initialMs;
  }

  /** The delay for a change that arrives now, in ms: twice the last one if that ended a moment ago. */
  next(now: number = performance.now()): number {
    const inBurst = now - this.#delayEndedAt < this.#delayMs;
    const longestMs = Math.min(maxGrowth * this.#initialMs, maxDebounceMs);
    this.#delayMs = inBurst ? Math.min(2 * this.#delayMs, longestMs) : this.#initialMs;
    return this.#delayMs;
  }

  delayEnded(now: number = performance.now()): void {
    this.#delayEndedAt = now;
  }
}
