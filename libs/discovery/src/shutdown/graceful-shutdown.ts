import { assertDuration } from '../model/invalid-option.js';
import { keepProcessAlive, sleep, startTimer } from '../runtime/timers.js';

/** `drained`: everything in flight completed. `forced`: something was cut off. */
export type DrainResult = 'drained' | 'forced';

/** The steps of a shutdown, in order. When `forceSignal` aborts, they must end at once. */
export interface ShutdownSteps {
  /** Reports that the server takes no more requests: gRPC health NOT_SERVING, HTTP readiness 503. */
  markNotServing(reason: string): void;
  /** Removes the instance from the registry and waits until callers know. Cut off after 4 s. */
  deregister(forceSignal: AbortSignal): Promise<unknown>;
  /** Accepts nothing new, and waits for what is in flight. Cuts it off when `forceSignal` aborts. */
  drain(forceSignal: AbortSignal): Promise<DrainResult>;
}

export interface ShutdownTimes {
  /** How long requests in flight may take once the server accepts no more, in ms; then they are cut off. Default 10,000. */
  readonly drainTimeoutMs?: number;
  /**
   * The least time between NOT_SERVING and the end of listening, in ms. Default 0. Callers that watch the registry need none; a
   * load balancer needs the interval of its health checks, times the failures that it waits for.
   */
  readonly shutdownDelayMs?: number;
}

/** How long deregistering may take, in ms. `deregister` bounds itself to about 3 s. */
const deregisterTimeoutMs = 4_000;
/** How long the cleanup before the exit of the process may take, in ms. */
export const cleanupTimeoutMs = 5_000;

/**
 * The longest time from the first signal to the exit, in ms. What runs the process must wait longer before it kills it:
 * `stop_grace_period` of Docker Compose, `terminationGracePeriodSeconds` of Kubernetes.
 */
export function maxShutdownMs(drainTimeoutMs: number, shutdownDelayMs = 0): number {
  return Math.max(deregisterTimeoutMs, shutdownDelayMs) + drainTimeoutMs + cleanupTimeoutMs;
}

/**
 * Runs the shutdown of a server once, whatever triggers it: a signal, the program or a failed start. Further callers wait for
 * the same result. Close clients and connection pools after it: requests in flight may need them.
 */
export class GracefulShutdown {
  readonly #steps: ShutdownSteps;
  readonly #drainTimeoutMs: number;
  readonly #shutdownDelayMs: number;
  readonly #force = new AbortController();
  #deregistered: Promise<void> | undefined;
  #result: Promise<DrainResult> | undefined;

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor(steps: ShutdownSteps, { drainTimeoutMs = 10_000, shutdownDelayMs = 0 }: ShutdownTimes = {}) {
    assertDuration('drainTimeoutMs', drainTimeoutMs, 0);
    assertDuration('shutdownDelayMs', shutdownDelayMs, 0);
    this.#steps = steps;
    this.#drainTimeoutMs = drainTimeoutMs;
    this.#shutdownDelayMs = shutdownDelayMs;
  }

  /** For readiness: the server takes no more requests. */
  get started(): boolean {
    return this.#deregistered !== undefined;
  }

  /** The first half: reports NOT_SERVING and deregisters. The server still serves. Never rejects; idempotent. */
  deregister(reason: string): Promise<void> {
    this.#deregistered ??= keepProcessAlive(this.#deregister(reason));
    return this.#deregistered;
  }

  /** Shuts down. An error of a step is reported as a warning of the process. Never rejects; idempotent. */
  close(reason = 'it was closed'): Promise<DrainResult> {
    this.#result ??= keepProcessAlive(this.deregister(reason).then(() => this.#drain()));
    return this.#result;
  }

  /** Ends all waiting, also in a shutdown that starts later. */
  force(): void {
    this.#force.abort();
  }

  async #deregister(reason: string): Promise<void> {
    const { signal } = this.#force;
    try {
      this.#steps.markNotServing(reason);
    } catch (error) {
      warn(error);
    }
    const deregister = async () => this.#steps.deregister(signal);
    await Promise.all([
      Promise.race([deregister(), sleep(deregisterTimeoutMs)]).catch(warn),
      sleep(this.#shutdownDelayMs, signal),
    ]);
  }

  async #drain(): Promise<DrainResult> {
    const cancel = startTimer(this.#drainTimeoutMs, () => this.force());
    try {
      return await this.#steps.drain(this.#force.signal);
    } catch (error) {
      warn(error);
      return 'forced';
    } finally {
      cancel();
    }
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
