import { assertDuration, invalidOption } from '../model/invalid-option.js';

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

/** @throws {DiscoveryError} INVALID_OPTION. */
export function checkBackoffOptions({ initialMs = 100, maxMs = 500 }: BackoffOptions = {}): void {
  assertDuration('backoff.initialMs', initialMs, 1);
  if (!(maxMs >= initialMs))
    throw invalidOption('backoff.maxMs', maxMs, `use initialMs (${initialMs}) or more`);
}

/** Exponential backoff with jitter: each delay is a random value from the upper half of its step. */
export class Backoff {
  readonly #initialMs: number;
  readonly #maxMs: number;
  #attempt = 0;

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor(options: BackoffOptions = {}) {
    checkBackoffOptions(options);
    const { initialMs = 100, maxMs = 500 } = options;
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

/** `ms` give or take a fifth (gRFC A6), so that clients that failed together do not retry together. */
export function jitter(ms: number): number {
  return ms * (0.8 + Math.random() * 0.4);
}
