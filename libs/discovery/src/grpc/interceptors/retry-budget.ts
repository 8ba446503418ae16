/**
 * How much may be sent again, as gRFC A6 counts it: a failure takes a token, a success gives a tenth of one back, and
 * nothing is sent again while half of the tokens or less are left. When everything fails, hardly anything is repeated.
 */
export class RetryBudget {
  readonly #maxTokens: number;
  #tokens: number;

  constructor(maxTokens = 200) {
    this.#maxTokens = maxTokens;
    this.#tokens = maxTokens;
  }

  /** Notes a failure and says whether its call may be sent again. */
  spend(): boolean {
    this.#tokens = Math.max(0, this.#tokens - 1);
    return this.#tokens > this.#maxTokens / 2;
  }

  earn(): void {
    this.#tokens = Math.min(this.#maxTokens, this.#tokens + 0.1);
  }
}
