import { type ChannelInterface, connectivityState } from '@grpc/grpc-js';

/**
 * How long the first connections of a new list may take, in ms. grpc-js says CONNECTING only then: an instance that has
 * failed counts as failing while it is tried again.
 */
const connectWithinMs = 1_000;

/**
 * Whether a channel has an instance that can be called, and for how long it has had none. The clock is the channel's,
 * not a call's: calls bridge an outage of up to the bound together, and once it has lasted longer they fail at once.
 */
export class ConnectivityTracker {
  readonly #channel: () => ChannelInterface;
  readonly #boundMs: number;
  /** Since when no instance was ready, as far as anybody asked; monotonic, in ms. */
  #since: number | undefined;
  /** Until when connections that are being made are worth a wait, however long the outage has lasted. */
  #connectingUntil = 0;
  readonly #waiting = new Set<() => void>();

  /** `boundMs` is how long calls wait for an instance, in ms; 0: not at all. */
  constructor(channel: () => ChannelInterface, boundMs: number) {
    this.#channel = channel;
    this.#boundMs = boundMs;
  }

  /** Whether a call that is made now is sent now. */
  get ready(): boolean {
    if (this.#state === connectivityState.READY) return true;
    if (this.#since === undefined) {
      this.#since = performance.now();
      this.#watch();
    }
    return false;
  }

  /** Whether every connection that was tried has failed, so that a call fails at once and says why. */
  get failing(): boolean {
    return this.#state === connectivityState.TRANSIENT_FAILURE;
  }

  get closed(): boolean {
    return this.#state === connectivityState.SHUTDOWN;
  }

  /** For how much longer it is worth to wait, in ms: 0 or less once the bound is over, or the channel was closed. */
  get patienceMs(): number {
    if (this.closed) return 0;
    if (this.#since === undefined) return this.#boundMs;
    const until = this.#since + this.#boundMs;
    const connecting = this.#state === connectivityState.CONNECTING;
    return (connecting ? Math.max(until, this.#connectingUntil) : until) - performance.now();
  }

  /** Calls `settle` once, when an instance is ready or the channel was closed, unless the returned function is called before. */
  whenReady(settle: () => void): () => void {
    this.#waiting.add(settle);
    return () => this.#waiting.delete(settle);
  }

  get #state(): connectivityState {
    return this.#channel().getConnectivityState(false);
  }

  /** Until it is ready: an outage that nobody saw the end of would otherwise count into the next one. */
  #watch(): void {
    const state = this.#state;
    if (state === connectivityState.CONNECTING)
      this.#connectingUntil = performance.now() + Math.min(this.#boundMs, connectWithinMs);
    if (state !== connectivityState.READY && state !== connectivityState.SHUTDOWN) {
      const channel = this.#channel();
      channel.watchConnectivityState(state, Infinity, () => this.#watch());
      // A channel connects when it is asked to; one that was closed would come to life again.
      if (state === connectivityState.IDLE) channel.getConnectivityState(true);
      return;
    }
    this.#since = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const settle of waiting) settle();
  }
}
