import { jitter } from '../runtime/backoff.js';

/** Delay before a lost call is retried, in ms: by then instances that died at the same time answer no more. */
const delayMs = 20;

/** How long the next call waits, and all calls of a queue, while no other call is in flight, in ms. */
const whileIdle = { callMs: 100, queueMs: 1_000 };

/** How long the next call waits at most for an instance that is alive and free, and all calls of a queue, in ms. */
const whileBusy = { callMs: 1_000, queueMs: 3_000 };

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
  /** By address, when a connection was lost last; monotonic, in ms. */
  readonly #lost = new Map<string, number>();
  /** How many calls were added since the queue was empty. */
  #added = 0;
  #retriedAt = 0;
  /** Attempts in flight, of any call. */
  #sent = 0;
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

  /** A connection to an instance was lost: what it answered before is no sign of life any more. */
  onLost(address: string): void {
    this.#lost.set(address, performance.now());
    this.#answered.delete(address);
  }

  /** An attempt of any call starts. Returns the time for {@link onResponse}. */
  onSent(): number {
    this.#sent += 1;
    return performance.now();
  }

  /** An attempt of any call has ended. */
  onEnded(): void {
    this.#sent -= 1;
  }

  /** An instance has answered a call that was sent at `sentAt`, monotonic, in ms. */
  onResponse(address: string, sentAt: number): void {
    const known = Math.max(this.#answered.get(address) ?? 0, this.#lost.get(address) ?? 0);
    if (!this.waiting || sentAt <= known) return;
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
    this.#lost.clear();
  }

  #retryNext(): void {
    clearTimeout(this.#timer);
    const [next] = this.#waiting;
    if (!next) return;
    const now = performance.now();
    const alive = this.#findInstance(next.readyAt);
    const free = this.#findInstance(next.readyAt, new Set(this.#inFlight.values()));
    const isIdle = alive === undefined && this.#sent === 0;
    const { callMs, queueMs } = isIdle ? whileIdle : whileBusy;
    const giveUpAt = Math.max(next.readyAt, this.#retriedAt) + Math.min(callMs, queueMs / this.#added);
    const dueAt = free === undefined ? giveUpAt : next.readyAt;
    // The one that is alive for sure may have the call that is about to crash it; it is still better than any.
    const address = free ?? alive;
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

  /** The instance with the latest sign of life since `readyAt`. */
  #findInstance(readyAt: number, taken?: ReadonlySet<string | undefined>): string | undefined {
    let found: string | undefined;
    let latest = readyAt;
    for (const [address, sentAt] of this.#answered) {
      if (sentAt < latest || taken?.has(address)) continue;
      found = address;
      latest = sentAt;
    }
    return found;
  }
}
