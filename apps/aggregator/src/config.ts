import { z } from 'zod';

/** Every variable that the aggregator reads beyond those of any service. An empty one counts as not set. */
const environment = z.object({
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(10).max(60_000).default(2_000),
});

export class AggregatorConfig {
  /** How long a request may take, in ms, and the most that it can ask for. */
  readonly requestTimeoutMs: number;

  /** @throws {Error} naming the variable and its value. */
  constructor(env: NodeJS.ProcessEnv = process.env) {
    const { REQUEST_TIMEOUT_MS: text } = env;
    const result = environment.safeParse({ REQUEST_TIMEOUT_MS: text || undefined });
    if (!result.success) {
      const reason = result.error.issues[0]?.message;
      throw new Error(`REQUEST_TIMEOUT_MS=${JSON.stringify(text)}: ${reason}; use milliseconds, 10 to 60000`);
    }
    this.requestTimeoutMs = result.data.REQUEST_TIMEOUT_MS;
  }
}
