import { EventEmitter } from 'node:events';
import type ConsulClient from 'consul';
import { type Connection, errorOfStatus, unavailable } from './connection.js';
import { checkIdOf, drainReason } from './api-types.js';

export interface CallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Options of each call of the `consul` package that its types lack. */
interface PackageOptions {
  readonly id: string;
  /** From connecting to the end of the body, in ms. */
  readonly timeout: number;
  /** Cancels the request when it emits `cancel`. */
  readonly ctx: EventEmitter;
}

/** Thrown by the package for a status other than 200. */
interface ResponseError {
  readonly isResponse: true;
  readonly response: { readonly statusCode: number; readonly body?: unknown };
}

/** The package, passed in: it is an optional peer, which `openRegistry` loads on demand. */
export type ConsulPackage = typeof ConsulClient;

/**
 * The calls made with the `consul` package, with complete types. Calls whose parameters it drops (weights, tagged addresses,
 * an AbortSignal) use {@link Connection}.
 */
export class AgentApi {
  readonly #consul: ConsulClient;
  readonly #what: string;

  constructor(Consul: ConsulPackage, { baseUrl, agent, headers }: Connection) {
    this.#consul = new Consul({ baseUrl: `${baseUrl}/v1`, agent, headers } as ConstructorParameters<
      typeof Consul
    >[0]);
    this.#what = `agent ${baseUrl}`;
  }

  /** Passes the TTL check, always with the same (empty) output: a new output would wake every watch. */
  pass(id: string, options: CallOptions): Promise<void> {
    return this.#call(checkIdOf(id), options, (call) => this.#consul.agent.check.pass(call));
  }

  maintenance(id: string, enable: boolean, options: CallOptions): Promise<void> {
    return this.#call(id, options, (call) =>
      this.#consul.agent.service.maintenance({ ...call, enable, reason: drainReason }),
    );
  }

  deregister(id: string, options: CallOptions): Promise<void> {
    return this.#call(id, options, (call) => this.#consul.agent.service.deregister(call));
  }

  async #call(
    id: string,
    { timeoutMs, signal }: CallOptions,
    call: (options: PackageOptions) => Promise<unknown>,
  ): Promise<void> {
    // The package would run it until its timeout.
    if (signal?.aborted) throw unavailable(signal.reason, this.#what);
    const ctx = new EventEmitter();
    const cancel = () => ctx.emit('cancel');
    signal?.addEventListener('abort', cancel);
    try {
      await call({ id, timeout: timeoutMs, ctx });
    } catch (error) {
      throw isResponseError(error)
        ? errorOfStatus(error.response.statusCode, String(error.response.body ?? ''), this.#what)
        : unavailable(error, this.#what);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }
}

function isResponseError(error: unknown): error is ResponseError {
  return typeof error === 'object' && error !== null && 'isResponse' in error;
}

/** Whether {@link AgentApi.pass} failed because the agent does not know the check: 404, or 500 before 1.9. */
export function isUnknownCheck(error: unknown): boolean {
  return error instanceof Error && /unknown check|does not have associated TTL/i.test(error.message);
}
