import { Injectable } from '@nestjs/common';
import type { Registration, Registry } from '@rollcall/discovery';
import { InjectRegistry } from '../module/discovery.decorators.js';

export interface RegistrationHealthOptions {
  /**
   * How long an instance may be missing from the registry before that counts, in ms. Default 30,000: an outage of the
   * registry stops nobody from serving, and what restarts registers within a second.
   */
  readonly graceMs?: number;
}

/** What is said of one instance. */
export interface RegistrationHealth {
  readonly status: Registration['state']['status'];
  /** ISO 8601: since when. */
  readonly since: string;
  /** Why it is not in the registry. */
  readonly lastError?: { readonly code: string; readonly message: string };
}

/** What an indicator of `@nestjs/terminus` answers, in its shape and without that package. */
export type RegistrationHealthResult<Key extends string = string> = Record<
  Key,
  {
    readonly status: 'up' | 'down';
    /** By the id of the instance. Empty where nothing was registered: there is nothing to be missed. */
    readonly instances: Readonly<Record<string, RegistrationHealth>>;
  }
>;

/**
 * Whether what this process has registered is in the registry. Meant for people and alerts, and for readiness where an
 * instance that nobody finds should not count; never for liveness: a restart brings no registry back.
 * @example
 * // With @nestjs/terminus; without, the answer speaks for itself.
 * health.check([() => registrations.isHealthy('registration')]);
 */
@Injectable()
export class RegistrationHealthIndicator {
  constructor(@InjectRegistry() private readonly registry: Registry) {}

  /**
   * Up while every instance is registered, paused or leaving, or has not been missing for longer than the grace.
   * @throws {RangeError} for a grace that cannot be meant.
   */
  isHealthy<Key extends string>(
    key: Key,
    { graceMs = 30_000 }: RegistrationHealthOptions = {},
  ): RegistrationHealthResult<Key> {
    if (!(graceMs >= 0)) throw new RangeError(`graceMs ${graceMs} is not usable; use 0 ms or more`);
    const { registrations } = this.registry;
    const down = registrations.some((registration) => isMissing(registration, graceMs));
    const instances = Object.fromEntries(registrations.map((it) => [it.instance.id, healthOf(it)]));
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
