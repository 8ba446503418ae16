/**
 * How many times its initial value the delay can reach in a burst. The default of 5 ms grows to 80 ms, so no draining
 * mark (visible for 200 ms) is missed.
 */
const maxGrowth = 16;

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
    this.#delayMs = inBurst ? Math.min(2 * this.#delayMs, maxGrowth * this.#initialMs) : this.#initialMs;
    return this.#delayMs;
  }

  delayEnded(now: number = performance.now()): void {
    this.#delayEndedAt = now;
  }
}
