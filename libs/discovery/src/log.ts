/** What the library has to say, for any logger. Silent unless one is given. */
export interface Log {
  (level: 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const silent: Log = () => {};

/**
 * Says of a fault that repeats: the first time, then each time its count has doubled, and once when it is over. A
 * registry that is away for a night costs a page of log, not a disk.
 */
export class FaultLog {
  readonly #log: Log;
  readonly #subject: string;
  #count = 0;
  #since = 0;

  constructor(log: Log, subject: string) {
    this.#log = log;
    this.#subject = subject;
  }

  fault(error: Error): void {
    if (this.#count++ === 0) this.#since = performance.now();
    if ((this.#count & (this.#count - 1)) !== 0) return;
    const times = this.#count === 1 ? '' : ` (${this.#count} times in ${this.#seconds()} s)`;
    this.#log('warn', `${this.#subject}: ${error.message}${times}; goes on trying`);
  }

  recovered(): void {
    if (this.#count === 0) return;
    this.#log(
      'info',
      `${this.#subject}: works again after ${this.#seconds()} s and ${this.#count} failed attempts`,
    );
    this.#count = 0;
  }

  #seconds(): string {
    return ((performance.now() - this.#since) / 1000).toFixed(1);
  }
}
