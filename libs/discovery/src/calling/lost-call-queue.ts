import { jitter } from '../runtime/backoff.js';

/** Delay before a lost call is retried, in ms: instances that died at the same time are noticed by then. */
const delayMs = 20;

/** After this time the next call follows, although the previous one has not ended, in ms. */
const stepMs = 20;

/** About how long the whole queue may take if no call ends, in ms: the steps of a long queue are shorter. */
const queueMs = 500;

interface LostCall {
  /** Monotonic, in ms. */
  readonly readyAt: number;
  readonly retry: () => void;
}

/**
 * Retries calls whose connection was lost while they were in flight. One of them may have crashed its instance, and
 * nothing tells which one. So they are retried one after the other: if an instance dies again, it was the call that was
 * alone in flight, and the others have lost nothing. They start after a short delay: what died together with the first
 * instance is no longer picked by then.
 */
export class LostCallQueue {
  readonly #waiting: LostCall[] = [];
  #inFlight: LostCall | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Calls `retry` when it is this call's turn. Returns a function to call when the attempt has ended, or to give up. */
  add(retry: () => void): () => void {
    const previous = this.#waiting.at(-1)?.readyAt ?? 0;
    const call: LostCall = { readyAt: Math.max(previous, performance.now() + jitter(delayMs)), retry };
    this.#waiting.push(call);
    if (this.#waiting.length === 1 && !this.#inFlight) this.#schedule();
    return () => this.#remove(call);
  }

  #remove(call: LostCall): void {
    const index = this.#waiting.indexOf(call);
    if (index >= 0) this.#waiting.splice(index, 1);
    if (this.#inFlight === call) this.#inFlight = undefined;
    if (!this.#inFlight) this.#schedule();
  }

  /** Its timers keep the process alive, because a call waits for them. */
  #schedule(): void {
    clearTimeout(this.#timer);
    const [next] = this.#waiting;
    if (next) this.#timer = setTimeout(() => this.#retryNext(), next.readyAt - performance.now());
  }

  #retryNext(): void {
    const call = this.#waiting.shift()!;
    this.#inFlight = call;
    this.#timer = setTimeout(
      () => {
        this.#inFlight = undefined;
        this.#schedule();
      },
      Math.min(stepMs, queueMs / (this.#waiting.length + 1)),
    );
    call.retry();
  }
}
