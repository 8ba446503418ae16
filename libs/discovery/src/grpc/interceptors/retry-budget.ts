/**
 * Retry throttling as in gRFC A6: a failure takes a token, a success returns a tenth of one, and nothing is retried
 * while half of the tokens or fewer are left. When every instance fails, retries add hardly any load.
 */
export class RetryBudget {
  readonly #maxTokens: number;
  #tokens: number;

  constructor(maxTokens = 200) {
    this.#maxTokens = maxTokens;
    this.#tokens = maxTokens;
  }

  /** Counts a failure. Returns whether the call may be retried. */
  spend(): boolean {
    this.#tokens = Math.max(0, this.#tokens - 1);
    return this.#tokens > this.#maxTokens / 2;
  }

  /** Counts a success. */
  earn(): void {
    this.#tokens = Math.min(this.#maxTokens, this.#tokens + 0.1);
  }
}
