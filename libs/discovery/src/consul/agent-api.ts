import { EventEmitter } from 'node:events';
import Consul from 'consul';
import { type Connection, refusal, unavailable } from './connection.js';
import { checkIdOf, drainReason } from './wire.js';

export interface CallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What the `consul` package takes with each call, and its types leave out. */
interface PackageOptions {
  readonly id: string;
  /** For the whole exchange, in ms. */
  readonly timeout: number;
  /** Ends the request when it emits `cancel`. */
  readonly ctx: EventEmitter;
}

/** Thrown by the package for an answer other than 200. */
interface ResponseError {
  readonly isResponse: true;
  readonly response: { readonly statusCode: number; readonly body?: unknown };
}

/**
 * The part of the agent's API that the `consul` package does well, behind types that say what it takes. What it drops on
 * the way (weights, tagged addresses, a query's AbortSignal) goes through {@link Connection} itself.
 */
export class AgentApi {
  readonly #consul: Consul;
  readonly #what: string;

  constructor({ baseUrl, agent, headers }: Connection) {
    this.#consul = new Consul({ baseUrl: `${baseUrl}/v1`, agent, headers } as ConstructorParameters<
      typeof Consul
    >[0]);
    this.#what = `agent ${baseUrl}`;
  }

  /** Says that the instance lives. Always with the same (empty) output: another one would wake every watch. */
  pass(id: string, options: CallOptions): Promise<void> {
    return this.#call(checkIdOf(id), options, (call) => this.#consul.agent.check.pass(call));
  }

  /** Puts the instance into maintenance mode, or back into rotation. */
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
    const ctx = new EventEmitter();
    const cancel = () => ctx.emit('cancel');
    signal?.addEventListener('abort', cancel);
    try {
      await call({ id, timeout: timeoutMs, ctx });
    } catch (error) {
      throw isResponseError(error)
        ? refusal(error.response.statusCode, String(error.response.body ?? ''), this.#what)
        : unavailable(error, this.#what);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }
}

function isResponseError(error: unknown): error is ResponseError {
  return typeof error === 'object' && error !== null && 'isResponse' in error;
}

/** Whether an answer to {@link AgentApi.pass} means that the agent does not know the check: 404 today, 500 before 1.9. */
export function isUnknownCheck(error: unknown): boolean {
  return error instanceof Error && /unknown check|does not have associated TTL/i.test(error.message);
}
