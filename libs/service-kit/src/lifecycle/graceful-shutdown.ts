/** How it ended: everything in its time, or something cut off. */
export type DrainResult = 'drained' | 'forced';

/** What there is to be left, in the order in which it is left. `forceSignal` aborts when nobody wants to wait any longer. */
export interface ShutdownSteps {
  /** Says to whoever asks that nothing more is wanted: health NOT_SERVING, readiness 503. */
  markNotServing(reason: string): void;
  /** Out of the registry, and on until its readers know. Bounded by itself. */
  deregister(forceSignal: AbortSignal): Promise<void>;
  /** Takes nothing new, lets what is in flight end, and cuts off what has not ended after `timeoutMs`. */
  shutdown(timeoutMs: number, forceSignal: AbortSignal): Promise<DrainResult>;
}

/**
 * The one way out of a service: whoever calls it first (a signal, `app.close()`, an error at boot) begins it, all others
 * wait for the same end. What calls in flight may still need, clients and pools, is closed after it.
 */
export class GracefulShutdown {
  readonly #steps: ShutdownSteps;
  readonly #timeoutMs: number;
  readonly #forceSignal = new AbortController();
  #ending: Promise<DrainResult> | undefined;

  constructor(timeoutMs: number, steps: ShutdownSteps) {
    this.#timeoutMs = timeoutMs;
    this.#steps = steps;
  }

  /** Whether this service is on its way out. */
  get started(): boolean {
    return this.#ending !== undefined;
  }

  run(reason: string): Promise<DrainResult> {
    this.#ending ??= this.#run(reason);
    return this.#ending;
  }

  /** Waits for nothing more, also where it has not begun yet. */
  force(): void {
    this.#forceSignal.abort();
  }

  async #run(reason: string): Promise<DrainResult> {
    const { signal } = this.#forceSignal;
    this.#steps.markNotServing(reason);
    await this.#steps.deregister(signal);
    return this.#steps.shutdown(this.#timeoutMs, signal);
  }
}
