import { EventEmitter } from 'node:events';
import { waitForChange } from '../../runtime/wait-for-change.js';

/** Something that happens by and by, and that one can wait for. */
export abstract class Witness extends EventEmitter<{ change: [] }> {
  /** What was seen so far, for the error that tells of something that did not come. */
  protected abstract describe(): string;

  /**
   * Resolves with what `look` finds, as soon as it finds something.
   * @throws {Error} after `patienceMs`, naming `what` did not come, and what `look` throws.
   */
  protected async waitFor<T>(what: string, patienceMs: number, look: () => T | undefined): Promise<T> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), patienceMs);
    try {
      for (;;) {
        const found = look();
        if (found !== undefined) return found;
        if (deadline.signal.aborted) {
          throw new Error(`waited ${patienceMs} ms for ${what}; ${this.describe()}`);
        }
        await waitForChange(this, deadline.signal);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
