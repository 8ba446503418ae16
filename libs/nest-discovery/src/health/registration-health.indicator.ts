import { Injectable } from '@nestjs/common';
import type { Registration, Registry } from '@rollcall/discovery';
import { InjectRegistry } from '../module/inject-registry.js';
import type { HealthResult } from './health-result.js';

export interface RegistrationHealthOptions {
  /**
   * How long an instance may be missing from the registry before the indicator is down, in ms. Default 30,000: a short
   * outage of the registry does not stop an instance from serving.
   */
  readonly graceMs?: number;
}

/** The state of one instance. */
export interface RegistrationHealth {
  readonly status: Registration['state']['status'];
  /** When the status changed last, in ISO 8601. */
  readonly since: string;
  /** Why the instance is not in the registry. */
  readonly lastError?: { readonly code: string; readonly message: string };
}

export type RegistrationHealthResult<Key extends string = string> = HealthResult<
  Key,
  {
    /** By instance id. Empty, and up, if nothing was registered. */
    readonly instances: Readonly<Record<string, RegistrationHealth>>;
  }
>;

/**
 * Whether the instances of this process are in the registry. For alerts and readiness, never for liveness: a restart
 * does not repair the registry.
 * @example
 * // With @nestjs/terminus; without it, return the result as it is.
 * health.check([() => registrations.isHealthy('registration')]);
 */
@Injectable()
export class RegistrationHealthIndicator {
  constructor(@InjectRegistry() private readonly registry: Registry) {}

  /**
   * Down once an instance has been missing from the registry (`registering` or `lost`) for longer than the grace.
   * @throws {RangeError} for an invalid grace.
   */
  isHealthy<Key extends string>(
    key: Key,
    { graceMs = 30_000 }: RegistrationHealthOptions = {},
  ): RegistrationHealthResult<Key> {
    if (!(graceMs >= 0)) throw new RangeError(`invalid graceMs ${graceMs}: use 0 ms or more`);
    const { registrations } = this.registry;
    const down = registrations.some((registration) => isMissing(registration, graceMs));
    const instances = Object.fromEntries(
      registrations.map((registration) => [registration.instance.id, healthOf(registration)]),
    );
    return { [key]: { status: down ? 'down' : 'up', instances } } as RegistrationHealthResult<Key>;
  }
}

function isMissing({ state: { status, since } }: Registration, graceMs: number): boolean {
  return (status === 'lost' || status === 'registering') && Date.now() - since.getTime() > graceMs;
}

function healthOf({ state }: Registration): RegistrationHealth {
  const lastError = 'lastError' in state ? state.lastError : undefined;
  return {
    status: state.status,
    since: state.since.toISOString(),
    ...(lastError && { lastError: { code: lastError.code, message: lastError.message } }),
  };
}
