import { z } from 'zod';

/** The variables that only the aggregator reads. An empty variable is unset. */
const environment = z.object({
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(10).max(60_000).default(2_000),
});

export class AggregatorConfig {
  /** The timeout of a request, and the maximum that a caller can request. */
  readonly requestTimeoutMs: number;

  /** @throws {Error} with the name and value of an invalid variable. */
  constructor(env: NodeJS.ProcessEnv = process.env) {
    const { REQUEST_TIMEOUT_MS: value } = env;
    const result = environment.safeParse({ REQUEST_TIMEOUT_MS: value || undefined });
    if (!result.success) {
      const reason = result.error.issues[0]?.message;
      throw new Error(
        `invalid REQUEST_TIMEOUT_MS=${JSON.stringify(value)}: ${reason}; use 10 to 60000 milliseconds`,
      );
    }
    this.requestTimeoutMs = result.data.REQUEST_TIMEOUT_MS;
  }
}
