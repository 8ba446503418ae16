/** How many times longer than at its beginning changes are collected in a burst. With 80 ms no drain mark (200 ms) is missed. */
const burstFactor = 16;

/**
 * How long changes are collected before they are published as one: briefly when they are rare, longer while they keep
 * coming. What a publication costs grows with the service, here and in every channel that hears of it.
 */
export class Debounce {
  readonly #quietMs: number;
  #restMs: number;
  #restedAt = -Infinity;
  #arrivals = 0;

  constructor(quietMs: number) {
    this.#quietMs = quietMs;
    this.#restMs = quietMs;
  }

  /** How long to rest now, in ms. */
  get restMs(): number {
    return this.#restMs;
  }

  get arrivals(): number {
    return this.#arrivals;
  }

  /** News have come: soon after the last rest, and the next one is twice as long. */
  arrived(now: number = performance.now()): void {
    this.#arrivals += 1;
    const inBurst = now - this.#restedAt < this.#restMs;
    this.#restMs = inBurst ? Math.min(2 * this.#restMs, burstFactor * this.#quietMs) : this.#quietMs;
  }

  rested(now: number = performance.now()): void {
    this.#restedAt = now;
  }
}
