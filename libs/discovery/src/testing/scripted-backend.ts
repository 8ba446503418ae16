import type { Backend, ObservedSet, ObserveSession, OwnRecord } from '../backend/backend.js';
import type { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';

/** The values and errors that a session of {@link ScriptedBackend} yields, in order. */
class Script<T> {
  readonly #queue: ({ value: T } | { error: Error })[] = [];
  #wake = () => {};

  push(value: T): void {
    this.#queue.push({ value });
    this.#wake();
  }

  /** Pushes `value` and drops everything not yet yielded. */
  replace(value: T): void {
    this.#queue.length = 0;
    this.push(value);
  }

  fail(error: Error): void {
    this.#queue.push({ error });
    this.#wake();
  }

  async next(signal: AbortSignal): Promise<T | undefined> {
    while (this.#queue.length === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = () => {
          signal.removeEventListener('abort', this.#wake);
          resolve();
        };
        signal.addEventListener('abort', this.#wake);
      });
    }
    const step = this.#queue.shift();
    if (step && 'error' in step) throw step.error;
    return step?.value;
  }
}

/** A backend whose sessions follow scripts, for unit tests of the layers above. */
export class ScriptedBackend implements Backend {
  readonly scheme = 'scripted';
  readonly location = 'scripted://test';
  readonly observed = new Script<readonly Instance[]>();
  readonly announced = new Script<'registered'>();
  /** When each session was opened, on the monotonic clock, in ms. */
  readonly openedAt: number[] = [];
  /** What each session lists when it is opened. Default: nothing. */
  firstSet: readonly Instance[] | undefined;
  open = 0;
  announcing = 0;
  /** How many records were removed. */
  removed = 0;
  closed = false;
  /** Reports an unreadable record through the current observing session. */
  reject: (key: string, reason: DiscoveryError) => void = () => {};

  get opened(): number {
    return this.openedAt.length;
  }

  ownRecord(): OwnRecord {
    return {
      write: async (_instance, signal) => {
        this.openedAt.push(performance.now());
        await this.announced.next(signal);
      },
      keep: async (signal) => {
        this.announcing += 1;
        await this.announced.next(signal).finally(() => (this.announcing -= 1));
      },
      remove: async () => void (this.removed += 1),
    };
  }

  async *observe(_service: string, { signal, rejected }: ObserveSession): AsyncIterable<ObservedSet> {
    this.openedAt.push(performance.now());
    this.reject = rejected;
    this.open += 1;
    try {
      if (this.firstSet) yield { instances: this.firstSet };
      for (;;) {
        const instances = await this.observed.next(signal);
        if (!instances) return;
        yield { instances };
      }
    } finally {
      this.open -= 1;
    }
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.observe('', session);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
