import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Give up after this many ms. */
  readonly deadlineMs: number;
  /** Time between two probes, in ms. 50 by default. */
  readonly everyMs?: number;
  /** For the error: the condition, and what was seen instead. */
  readonly describe: () => string;
}

/**
 * Calls `probe` until it returns neither undefined nor false, and returns that. An error of `probe` ends the wait.
 * @throws {Error} with the description when the deadline has passed.
 */
export async function until<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { deadlineMs, everyMs = 50, describe }: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const result = await probe();
    if (result !== undefined && result !== false) return result;
    if (performance.now() >= deadline) throw new Error(`waited ${deadlineMs} ms for ${describe()}`);
    await delay(everyMs);
  }
}
