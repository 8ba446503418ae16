import { invalidOption } from '../model/invalid-option.js';

export interface RetryBudgetOptions {
  /** Size of the budget: a failure takes a token, and nothing is retried while half of them or fewer are left. Default 200. */
  readonly maxTokens?: number;
  /** How much of a token a success returns. Default 0.1: in the long run, one call in ten is retried. */
  readonly tokenRatio?: number;
}

/** How the calls of a client are retried. */
export interface RetryOptions {
  /** Retries of one call. Default 4. */
  readonly maxRetries?: number;
  /**
   * Sends an idempotent unary call to a second instance as well when the first one takes far longer than others do, and takes
   * the first answer. Default true.
   */
  readonly hedging?: boolean;
  /** Limits the retries of all calls of the client together. */
  readonly budget?: RetryBudgetOptions;
}

/**
 * Retry throttling as in gRFC A6: a failure takes a token, a success returns a tenth of one, and nothing is retried
 * while half of the tokens or fewer are left. When every instance fails, retries add hardly any load.
 */
export class RetryBudget {
  readonly #maxTokens: number;
  readonly #tokenRatio: number;
  #tokens: number;

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor({ maxTokens = 200, tokenRatio = 0.1 }: RetryBudgetOptions = {}) {
    if (!(maxTokens > 0 && maxTokens <= 1_000_000))
      throw invalidOption('maxTokens', maxTokens, 'use a number above 0, 1,000,000 at most');
    if (!(tokenRatio > 0 && tokenRatio <= 1_000))
      throw invalidOption('tokenRatio', tokenRatio, 'use a number above 0, 1,000 at most');
    this.#maxTokens = maxTokens;
    this.#tokenRatio = tokenRatio;
    this.#tokens = maxTokens;
  }

  /** Whether calls may be retried now. */
  get available(): boolean {
    return this.#tokens > this.#maxTokens / 2;
  }

  /** Counts a failure. Returns whether the call may be retried. */
  spend(): boolean {
    this.#tokens = Math.max(0, this.#tokens - 1);
    return this.available;
  }

  /** Counts a success. */
  earn(): void {
    this.#tokens = Math.min(this.#maxTokens, this.#tokens + this.#tokenRatio);
  }
}
