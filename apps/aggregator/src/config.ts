import { integerVariable } from '@rollcall/service-kit';
import { z } from 'zod';

/** The variables that only the aggregator reads. An empty variable is unset. */
const environment = z.object({
  REQUEST_TIMEOUT_MS: integerVariable(10, 60_000).default(2_000),
  API_DOCS: z.enum(['on', 'off']).default('on'),
});

export class AggregatorConfig {
  /** The timeout of a request, and the maximum that a caller can request. */
  readonly requestTimeoutMs: number;
  /** Whether `/docs` and `/docs-json` are served. */
  readonly apiDocs: boolean;

  /** @throws {Error} with the name and value of an invalid variable. */
  constructor(env: NodeJS.ProcessEnv = process.env) {
    const { REQUEST_TIMEOUT_MS, API_DOCS } = env;
    const result = environment.safeParse({
      REQUEST_TIMEOUT_MS: REQUEST_TIMEOUT_MS || undefined,
      API_DOCS: API_DOCS || undefined,
    });
    if (!result.success) {
      const { path, message } = result.error.issues[0]!;
      const name = String(path[0]);
      throw new Error(`invalid ${name}=${JSON.stringify(env[name])}: ${message}`);
    }
    this.requestTimeoutMs = result.data.REQUEST_TIMEOUT_MS;
    this.apiDocs = result.data.API_DOCS === 'on';
  }
}
