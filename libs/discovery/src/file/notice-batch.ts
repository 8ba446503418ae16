import { startTimer } from '../runtime/timers.js';

/** Debounce delay of the first notice, in ms: one record causes several notices. */
const delayMs = 5;
/** The same in a burst, in ms: shorter than an instance is visible as draining. */
const burstDelayMs = 20;
/** Consecutive batches that make a burst. */
const burstAfterBatches = 5;

/** Collects the file names of file system notices and debounces them. */
export class NoticeBatch {
  readonly #onReady: () => void;
  readonly #names = new Set<string>();
  #cancel: (() => void) | undefined;
  #takenAt = -Infinity;
  #consecutiveBatches = 0;

  constructor(onReady: () => void) {
    this.#onReady = onReady;
  }

  add(name: string): void {
    this.#names.add(name);
    this.#cancel ??= startTimer(
      this.#consecutiveBatches < burstAfterBatches ? delayMs : burstDelayMs,
      this.#onReady,
    );
  }

  /** Returns all names so far and starts the next batch. */
  take(): string[] {
    this.cancel();
    const now = performance.now();
    this.#consecutiveBatches = now - this.#takenAt < 2 * burstDelayMs ? this.#consecutiveBatches + 1 : 0;
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
