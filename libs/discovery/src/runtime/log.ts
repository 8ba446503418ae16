/** Receives the log lines of the library; an adapter for any logger. Default: no logging. */
export interface Log {
  (level: 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const noopLog: Log = () => {};

/** A repeated fault is logged again after this time, in ms; the interval doubles each time. */
const firstIntervalMs = 60_000;

/**
 * Logs a repeating fault when it starts, then at doubling intervals, and once when it is over, so that a long outage
 * does not fill the disk.
 */
export class FaultLog {
  readonly #log: Log;
  readonly #subject: string;
  readonly #now: () => number;
  #count = 0;
  #since = 0;
  #nextAt = 0;
  #intervalMs = firstIntervalMs;

  /** `now` is a monotonic clock, in ms. */
  constructor(log: Log, subject: string, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#subject = subject;
    this.#now = now;
  }

  fault(error: Error): void {
    const now = this.#now();
    this.#count += 1;
    if (this.#count === 1) {
      this.#since = now;
      this.#intervalMs = firstIntervalMs;
    } else if (now < this.#nextAt) {
      return;
    } else {
      this.#intervalMs *= 2;
    }
    this.#nextAt = now + this.#intervalMs;
    const times = this.#count === 1 ? '' : ` (${this.#count} times in ${this.#seconds()} s)`;
    this.#log('warn', `${this.#subject}: ${error.message}${times}; retrying`);
  }

  recovered(): void {
    if (this.#count === 0) return;
    const attempts = this.#count === 1 ? '1 failed attempt' : `${this.#count} failed attempts`;
    this.#log('info', `${this.#subject}: recovered after ${this.#seconds()} s and ${attempts}`);
    this.#count = 0;
  }

  #seconds(): string {
    return ((this.#now() - this.#since) / 1000).toFixed(1);
  }
}
