/** How it ended: everything in its time, or something cut off. */
export type Ending = 'drained' | 'forced';

/** What there is to be left, in the order in which it is left. `hurry` aborts when nobody wants to wait any longer. */
export interface DrainSteps {
  /** Says to whoever asks that nothing more is wanted: health NOT_SERVING, readiness 503. */
  refuse(reason: string): void;
  /** Out of the registry, and on until its readers know. Bounded by itself. */
  leave(hurry: AbortSignal): Promise<void>;
  /** Takes nothing new, lets what is in flight end, and cuts off what has not ended after `timeoutMs`. */
  finish(timeoutMs: number, hurry: AbortSignal): Promise<Ending>;
}

/**
 * The one way out of a service: whoever calls it first (a signal, `app.close()`, an error at boot) begins it, all others
 * wait for the same end. What calls in flight may still need, clients and pools, is closed after it.
 */
export class Drain {
  readonly #steps: DrainSteps;
  readonly #timeoutMs: number;
  readonly #hurry = new AbortController();
  #ending: Promise<Ending> | undefined;

  constructor(timeoutMs: number, steps: DrainSteps) {
    this.#timeoutMs = timeoutMs;
    this.#steps = steps;
  }

  /** Whether this service is on its way out. */
  get begun(): boolean {
    return this.#ending !== undefined;
  }

  run(reason: string): Promise<Ending> {
    this.#ending ??= this.#run(reason);
    return this.#ending;
  }

  /** Waits for nothing more, also where it has not begun yet. */
  hurry(): void {
    this.#hurry.abort();
  }

  async #run(reason: string): Promise<Ending> {
    const { signal } = this.#hurry;
    this.#steps.refuse(reason);
    await this.#steps.leave(signal);
    return this.#steps.finish(this.#timeoutMs, signal);
  }
}
