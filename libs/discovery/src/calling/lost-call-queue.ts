import { jitter } from '../runtime/backoff.js';

/** Delay before a lost call is retried, in ms: by then instances that died at the same time answer no more. */
const delayMs = 20;

/** How long the next call waits at most for an instance that is known to be alive, in ms. */
const aliveStepMs = 100;

/** How long the next call waits at most for such an instance to be free, in ms. */
const freeStepMs = 1_000;

/** How long all calls of a long queue wait together, in ms. */
const queueMs = 4_000;

interface LostCall {
  /** Monotonic, in ms. */
  readonly readyAt: number;
  readonly retry: (address: string | undefined) => void;
}

/**
 * Retries calls whose connection was lost while they were in flight. One of them may have crashed its instance, and
 * nothing tells which one. So an instance gets one of them at a time: if it dies again, it was that call, and the others
 * have lost nothing. And only an instance that has answered a call which was sent a while after the loss: one that died together
 * with the first instance, and whose loss is not noticed yet, has not. Without such an instance, a call is retried anywhere
 * after a while.
 */
export class LostCallQueue {
  readonly #waiting: LostCall[] = [];
  readonly #inFlight = new Map<LostCall, string | undefined>();
  /** By address, when the latest call was sent that was answered; monotonic, in ms. */
  readonly #answered = new Map<string, number>();
  /** How many calls were added since the queue was empty. */
  #added = 0;
  #retriedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Whether calls are waiting for their retry: only then {@link onResponse} is of use. */
  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Calls `retry` when it is this call's turn, with the address of the instance to use; undefined: any. Returns a
   * function to call when the attempt has ended, or to give up.
   */
  add(retry: (address: string | undefined) => void): () => void {
    const call: LostCall = { readyAt: performance.now() + jitter(delayMs), retry };
    this.#waiting.push(call);
    this.#added += 1;
    this.#retryNext();
    return () => this.#remove(call);
  }

  /** An instance has answered a call that was sent at `sentAt`, monotonic, in ms. */
  onResponse(address: string, sentAt: number): void {
    if (!this.waiting || sentAt <= (this.#answered.get(address) ?? 0)) return;
    this.#answered.set(address, sentAt);
    this.#retryNext();
  }

  #remove(call: LostCall): void {
    const index = this.#waiting.indexOf(call);
    if (index >= 0) this.#waiting.splice(index, 1);
    this.#inFlight.delete(call);
    this.#retryNext();
    if (this.#waiting.length > 0 || this.#inFlight.size > 0) return;
    this.#added = 0;
    this.#answered.clear();
  }

  #retryNext(): void {
    clearTimeout(this.#timer);
    const [next] = this.#waiting;
    if (!next) return;
    const now = performance.now();
    const address = this.#findInstance(next.readyAt);
    const isAnyAlive = [...this.#answered.values()].some((sentAt) => sentAt >= next.readyAt);
    const stepMs = Math.min(isAnyAlive ? freeStepMs : aliveStepMs, queueMs / this.#added);
    const dueAt = address === undefined ? Math.max(next.readyAt, this.#retriedAt) + stepMs : next.readyAt;
    if (dueAt > now) {
      // Keeps the process alive, as any call in flight does.
      this.#timer = setTimeout(() => this.#retryNext(), dueAt - now);
      return;
    }
    this.#waiting.shift();
    this.#inFlight.set(next, address);
    this.#retriedAt = now;
    next.retry(address);
    this.#retryNext();
  }

  /** The instance with the latest sign of life since `readyAt` that has none of these calls. */
  #findInstance(readyAt: number): string | undefined {
    const taken = new Set(this.#inFlight.values());
    let found: string | undefined;
    let latest = readyAt;
    for (const [address, sentAt] of this.#answered) {
      if (sentAt < latest || taken.has(address)) continue;
      found = address;
      latest = sentAt;
    }
    return found;
  }
}
