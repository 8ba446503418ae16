/** `drained`: everything in flight completed. `forced`: something was cut off. */
export type DrainResult = 'drained' | 'forced';

/** The steps of a shutdown, in order. When `forceSignal` aborts, they must end at once. */
export interface ShutdownSteps {
  /** Reports that the service takes no more requests: gRPC health NOT_SERVING, HTTP readiness 503. */
  markNotServing(reason: string): void;
  /** Removes the instance from the registry and waits until clients know, 4 s at most. */
  deregister(forceSignal: AbortSignal): Promise<void>;
  /** Accepts nothing new, and waits for what is in flight. Cuts it off when `forceSignal` aborts. */
  shutdown(forceSignal: AbortSignal): Promise<DrainResult>;
}

/** How long deregistering may take, in ms. `deregister` bounds itself to about 3 s. */
const deregisterTimeoutMs = 4_000;
/** How long the shutdown hooks of the application may take after the drain, in ms. */
export const hooksTimeoutMs = 5_000;

/**
 * The longest time from the first signal to the exit, in ms. What runs the service must wait longer before it kills
 * it: `stop_grace_period` of Docker Compose, `terminationGracePeriodSeconds` of Kubernetes.
 */
export function maxShutdownMs(drainTimeoutMs: number): number {
  return deregisterTimeoutMs + drainTimeoutMs + hooksTimeoutMs;
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
    await withTimeout(this.#steps.deregister(signal), deregisterTimeoutMs);
    const timer = setTimeout(() => this.force(), this.#timeoutMs);
    return this.#steps.shutdown(signal).finally(() => clearTimeout(timer));
  }
}

/** Resolves when `work` does, or after `ms`. */
export async function withTimeout(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
