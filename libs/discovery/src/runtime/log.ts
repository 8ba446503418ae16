import { printable } from './printable.js';
import { startTimer } from './timers.js';

/** Receives the log lines of the library; an adapter for any logger. Default: no logging. */
export interface Log {
  (level: 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void;
}

const noopLog: Log = () => {};

/** A log that cannot fail: what `log` throws or rejects with is dropped. Its messages are safe to print. */
export function safeLog(log: Log = noopLog): Log {
  return (level, message, fields) => {
    try {
      // An async function is a valid `Log`, too.
      const result: unknown = log(level, printable(message), fields);
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // There is nowhere left to report it.
    }
  };
}

/** A repeated fault is logged again after this time, in ms; the interval doubles each time. */
const firstIntervalMs = 60_000;
/** A recovery is logged after this time without a fault, in ms: a flapping registry must not fill the log. */
const stableAfterMs = 5_000;

/**
 * Logs a repeating fault when it starts, then at doubling intervals, and once when it is over, so that a long outage
 * does not fill the disk.
 */
export class FaultLog {
  readonly #log: Log;
  readonly #subject: string;
  #count = 0;
  #since = 0;
  #nextAt = 0;
  #intervalMs = firstIntervalMs;
  #recoveredAt: number | undefined;
  #cancelRecovery = () => {};

  constructor(log: Log, subject: string) {
    this.#log = log;
    this.#subject = subject;
  }

  fault(error: Error): void {
    const now = performance.now();
    this.#cancelRecovery();
    this.#recoveredAt = undefined;
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
    const times = this.#count === 1 ? '' : ` (${this.#count} times in ${this.#secondsUntil(now)} s)`;
    this.#log('warn', `${this.#subject}: ${error.message}${times}; retrying`);
  }

  recovered(): void {
    if (this.#count === 0 || this.#recoveredAt !== undefined) return;
    this.#recoveredAt = performance.now();
    this.#cancelRecovery = startTimer(stableAfterMs, () => this.#logRecovery());
  }

  /** Logs a recovery that has not been logged yet. */
  close(): void {
    this.#cancelRecovery();
    this.#logRecovery();
  }

  #logRecovery(): void {
    if (this.#recoveredAt === undefined) return;
    const attempts = this.#count === 1 ? '1 failed attempt' : `${this.#count} failed attempts`;
    const seconds = this.#secondsUntil(this.#recoveredAt);
    this.#log('info', `${this.#subject}: recovered after ${seconds} s and ${attempts}`);
    this.#recoveredAt = undefined;
    this.#count = 0;
  }

  #secondsUntil(time: number): string {
    return ((time - this.#since) / 1000).toFixed(1);
  }
}
