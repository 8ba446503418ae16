/** `drained`: everything in flight completed. `forced`: something was cut off. */
export type DrainResult = 'drained' | 'forced';

/** The steps of a shutdown, in order. When `forceSignal` aborts, they must end at once. */
export interface ShutdownSteps {
  /** Reports that the service takes no more requests: gRPC health NOT_SERVING, HTTP readiness 503. */
  markNotServing(reason: string): void;
  /** Removes the instance from the registry and waits until clients know. Bounds its own duration. */
  deregister(forceSignal: AbortSignal): Promise<void>;
  /** Accepts nothing new, and waits for what is in flight. Cuts it off when `forceSignal` aborts. */
  shutdown(forceSignal: AbortSignal): Promise<DrainResult>;
}

/**
 * Runs the shutdown of a service once, whatever triggers it: a signal, `app.close()` or a failed start. Further callers
 * wait for the same result. Close clients and connection pools after it: calls in flight may need them.
 */
export class GracefulShutdown {
  readonly #steps: ShutdownSteps;
  readonly #timeoutMs: number;
  readonly #force = new AbortController();
  #result: Promise<DrainResult> | undefined;

  /** `timeoutMs` limits the last step: after it, whatever is in flight is cut off. */
  constructor(timeoutMs: number, steps: ShutdownSteps) {
    this.#timeoutMs = timeoutMs;
    this.#steps = steps;
  }

  get started(): boolean {
    return this.#result !== undefined;
  }

  run(reason: string): Promise<DrainResult> {
    this.#result ??= this.#run(reason);
    return this.#result;
  }

  /** Ends all waiting, also in a shutdown that starts later. */
  force(): void {
    this.#force.abort();
  }

  async #run(reason: string): Promise<DrainResult> {
    const { signal } = this.#force;
    this.#steps.markNotServing(reason);
    await this.#steps.deregister(signal);
    const timer = setTimeout(() => this.force(), this.#timeoutMs);
    return this.#steps.shutdown(signal).finally(() => clearTimeout(timer));
  }
}
