import { startTimer } from '../runtime/timers.js';

/** A notice is due after this time, in ms, with those that follow it: one record comes with several. */
const delayMs = 5;
/** In a burst, after this time, in ms: less than the mark of a leaving instance lasts. */
const burstDelayMs = 20;
/** It is a burst after so many batches in a row. */
const burstAfterBatches = 5;

/** Names of files of which the system has told something, in batches. */
export class Notices {
  readonly #due: () => void;
  readonly #names = new Set<string>();
  #cancel: (() => void) | undefined;
  #takenAt = -Infinity;
  #batchesInARow = 0;

  /** `due` is called when there is a batch to {@link take}. */
  constructor(due: () => void) {
    this.#due = due;
  }

  add(name: string): void {
    this.#names.add(name);
    this.#cancel ??= startTimer(this.#batchesInARow < burstAfterBatches ? delayMs : burstDelayMs, this.#due);
  }

  /** What there is, due or not. */
  take(): string[] {
    this.cancel();
    const now = performance.now();
    this.#batchesInARow = now - this.#takenAt < 2 * burstDelayMs ? this.#batchesInARow + 1 : 0;
    this.#takenAt = now;
    const names = [...this.#names];
    this.#names.clear();
    return names;
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
