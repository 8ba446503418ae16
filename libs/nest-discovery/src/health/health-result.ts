/** Has the shape of `HealthIndicatorResult` of `@nestjs/terminus`, without depending on that package. */
export type HealthResult<Key extends string, Details extends object> = Record<
  Key,
  { readonly status: 'up' | 'down' } & Details
>;

/** What `@nestjs/terminus` 10 recognizes as a failed check. */
class HealthCheckError extends Error {
  readonly isHealthCheckError = true;
  readonly causes: object;

  constructor(result: object) {
    super(`${Object.keys(result).join(', ')} is down`);
    this.causes = result;
  }
}

/**
 * For `@nestjs/terminus` 10, which counts every returned result as up. From 11 on, pass the result as it is.
 * @throws {Error} that terminus reports with the result, if it is down.
 * @example
 * health.check([() => throwIfDown(registrations.isHealthy('registration'))]);
 */
export function throwIfDown<Result extends HealthResult<string, object>>(result: Result): Result {
  if (Object.values(result).some(({ status }) => status === 'down')) throw new HealthCheckError(result);
  return result;
}
