import { z } from 'zod';

const environment = z.object({
  /** How long a request may take, in ms, unless its `x-request-timeout-ms` asks for less. */
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(10).max(60_000).default(2_000),
});

const result = environment.safeParse(process.env);
if (!result.success) {
  throw new Error(
    `REQUEST_TIMEOUT_MS=${process.env['REQUEST_TIMEOUT_MS']}: ${result.error.issues[0]?.message}`,
  );
}

export const requestTimeoutMs = result.data.REQUEST_TIMEOUT_MS;
