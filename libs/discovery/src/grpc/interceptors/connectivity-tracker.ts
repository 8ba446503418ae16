import { type ChannelInterface, connectivityState } from '@grpc/grpc-js';

/**
 * How long calls wait for the first connections to a new list, in ms. Only then does grpc-js report CONNECTING: an
 * endpoint that has failed stays in TRANSIENT_FAILURE while it reconnects.
 */
const connectTimeoutMs = 1_000;

/**
 * Tracks whether a channel has a ready instance, and for how long it has had none. All calls share that clock: they wait
 * for at most `waitForReadyMs` of an outage together, and fail at once when it lasts longer.
 */
export class ConnectivityTracker {
  readonly #channel: () => ChannelInterface;
  readonly #waitForReadyMs: number;
  /** Since when no instance has been ready; monotonic, in ms. */
  #notReadySince: number | undefined;
  #observing = false;
  /** Until when calls wait for first connections, however long the outage has lasted; monotonic, in ms. */
  #connectingUntil = 0;
  readonly #listeners = new Set<() => void>();

  /** `waitForReadyMs` is how long calls wait for an instance, in ms; 0: not at all. */
  constructor(channel: () => ChannelInterface, waitForReadyMs: number) {
    this.#channel = channel;
    this.#waitForReadyMs = waitForReadyMs;
  }

  /** Whether a call can be sent now. */
  get ready(): boolean {
    if (!this.#observing) {
      // From the first call on: until then a channel does not connect.
      this.#observing = true;
      this.#observe();
    }
    const state = this.#state;
    if (state === connectivityState.READY) return true;
    // A channel whose connection has ended may be idle: it lost nothing until a call needs one.
    this.#notReadySince ??= performance.now();
    // Makes it connect. It would also reopen a closed one.
    if (state === connectivityState.IDLE) this.#channel().getConnectivityState(true);
    return false;
  }

  /** Whether every connection attempt has failed: a call then fails at once, with the reason. */
  get failing(): boolean {
    return this.#state === connectivityState.TRANSIENT_FAILURE;
  }

  get closed(): boolean {
    return this.#state === connectivityState.SHUTDOWN;
  }

  /** How much longer a call may wait, in ms: 0 or less after the bound, or when the channel is closed. */
  get remainingMs(): number {
    if (this.closed) return 0;
    if (this.#notReadySince === undefined) return this.#waitForReadyMs;
    const until = this.#notReadySince + this.#waitForReadyMs;
    const connecting = this.#state === connectivityState.CONNECTING;
    return (connecting ? Math.max(until, this.#connectingUntil) : until) - performance.now();
  }

  /** Calls `listener` once, when an instance is ready or the channel is closed. Returns a function that removes it. */
  whenReady(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get #state(): connectivityState {
    return this.#channel().getConnectivityState(false);
  }

  /** Notices the loss of the last instance when it happens, not when the next call is made. */
  #observe(): void {
    const state = this.#state;
    if (state === connectivityState.READY) this.#notReadySince = undefined;
    else if (state !== connectivityState.IDLE) this.#notReadySince ??= performance.now();
    if (state === connectivityState.CONNECTING)
      this.#connectingUntil = performance.now() + Math.min(this.#waitForReadyMs, connectTimeoutMs);
    if (state !== connectivityState.SHUTDOWN)
      this.#channel().watchConnectivityState(state, Infinity, () => this.#observe());
    if (state !== connectivityState.READY && state !== connectivityState.SHUTDOWN) {
      // For the calls that wait.
      if (state === connectivityState.IDLE && this.#listeners.size > 0)
        this.#channel().getConnectivityState(true);
      return;
    }
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
