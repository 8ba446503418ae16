import type { ObservedSet, ObserveSession } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import { Backoff, type BackoffOptions } from '../runtime/backoff.js';
import { childAbortController, sleep, startTimer } from '../runtime/timers.js';
import { Debounce } from './debounce.js';

/** Refreshes are throttled to this interval, in ms: grpc-js may ask for one without pause (grpc/grpc-node#2609). */
const minRefreshIntervalMs = 1_000;
/** A session that lasted this long, in ms, resets the backoff. */
const stableAfterMs = 1_000;

export interface ObserveLoopOptions {
  readonly location: string;
  readonly observe: (session: ObserveSession) => AsyncIterable<ObservedSet>;
  readonly backoff: BackoffOptions | undefined;
  readonly relistMs: number;
  readonly debounceMs: number;
  /** `isFirst`: it is the first set of a session. The next set is taken after the returned promise. */
  readonly onSet: (set: ObservedSet, isFirst: boolean) => Promise<void>;
  /** The next session is opened after the returned promise and a backoff delay. */
  readonly onFailure: (error: DiscoveryError) => Promise<void>;
  readonly onRejected: ObserveSession['rejected'];
}

/** Opens one `observe` session after the other until it is closed: after a failure with backoff, else every `relistMs`. */
export class ObserveLoop {
  readonly #options: ObserveLoopOptions;
  readonly #backoff: Backoff;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #sessions = 0;
  #openedAt = -Infinity;
  /** When {@link refresh} may have an effect, on the monotonic clock. */
  #refreshableAt = -Infinity;
  /** Ends the current session or backoff delay, so that a new session opens. */
  #reopen = () => {};

  constructor(options: ObserveLoopOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff);
    this.#ended = this.#run();
  }

  /** How many sessions were opened. */
  get sessions(): number {
    return this.#sessions;
  }

  get isClosed(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Ignored until the current session has listed: aborted before, a slow registry would never get to answer. */
  refresh(): void {
    if (performance.now() >= this.#refreshableAt) this.#reopen();
  }

  /** Resolves when the last session has ended. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const session = childAbortController(signal);
      this.#reopen = () => session.abort();
      this.#openedAt = performance.now();
      this.#refreshableAt = Infinity;
      const error = await this.#runSession(session.signal);
      session.dispose();
      if (signal.aborted) return;
      if (error) {
        await this.#options.onFailure(error);
        if (performance.now() - this.#openedAt >= stableAfterMs) this.#backoff.reset();
        await this.#waitForBackoff(signal);
      }
    }
  }

  /** Resolves when the session has ended, with the error if it failed. */
  async #runSession(signal: AbortSignal): Promise<DiscoveryError | undefined> {
    const { location, observe, onSet, onRejected } = this.#options;
    this.#sessions += 1;
    let cancelRelist: (() => void) | undefined;
    try {
      const debounce = new Debounce(this.#options.debounceMs);
      for await (const set of observe({ signal, rejected: onRejected })) {
        if (signal.aborted) return undefined;
        const delayMs = debounce.next();
        await onSet(set, cancelRelist === undefined);
        cancelRelist ??= this.#onListed();
        // A backend builds its next set when asked for it, so all changes during the delay are in one set.
        await sleep(delayMs, signal);
        debounce.delayEnded();
      }
      return signal.aborted
        ? undefined
        : new DiscoveryError('REGISTRY_UNAVAILABLE', `${location} ended the session`);
    } catch (error) {
      return signal.aborted ? undefined : DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', location);
    } finally {
      cancelRelist?.();
    }
  }

  /** From here on the session may be replaced by a new one. Returns a function that cancels the relisting. */
  #onListed(): () => void {
    this.#refreshableAt = performance.now() + minRefreshIntervalMs;
    return startTimer(this.#options.relistMs * (1 + Math.random() / 5), this.#reopen);
  }

  async #waitForBackoff(signal: AbortSignal): Promise<void> {
    const delay = childAbortController(signal);
    this.#reopen = () => delay.abort();
    this.#refreshableAt = this.#openedAt + minRefreshIntervalMs;
    await sleep(this.#backoff.next(), delay.signal);
    delay.dispose();
  }
}
