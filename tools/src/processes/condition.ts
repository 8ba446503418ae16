import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Give up after this many ms. */
  readonly deadlineMs: number;
  /** Ask again after this many ms. 50 by default. */
  readonly everyMs?: number;
  /** Names what is waited for in the error, and what was seen instead. */
  readonly describe: () => string;
}

/**
 * Asks until the answer is neither undefined nor false.
 * What `probe` throws ends the wait: it has the last word on what cannot be cured by waiting.
 * @throws {Error} when the deadline has passed, with the description.
 */
export async function until<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { deadlineMs, everyMs = 50, describe }: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() >= deadline) throw new Error(`waited ${deadlineMs} ms for ${describe()}`);
    await delay(everyMs);
  }
}
