/** What the library has to say, for any logger. Silent unless one is given. */
export interface Log {
  (level: 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const noopLog: Log = () => {};

/** After the first line about a fault, the next comes after this time, in ms, and then after twice as long each time. */
const firstIntervalMs = 60_000;

/**
 * Says of a fault that repeats: the first time, then at doubling intervals, and once when it is over. A registry that
 * is away for a night costs a page of log, not a disk.
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
    this.#log('warn', `${this.#subject}: ${error.message}${times}; goes on trying`);
  }

  recovered(): void {
    if (this.#count === 0) return;
    const attempts = this.#count === 1 ? '1 failed attempt' : `${this.#count} failed attempts`;
    this.#log('info', `${this.#subject}: works again after ${this.#seconds()} s and ${attempts}`);
    this.#count = 0;
  }

  #seconds(): string {
    return ((this.#now() - this.#since) / 1000).toFixed(1);
  }
}
