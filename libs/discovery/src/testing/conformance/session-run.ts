import { EventEmitter, getEventListeners } from 'node:events';
import { DiscoveryError } from '../../model/errors.js';
import { waitForChange } from '../../runtime/wait-for-change.js';

/** One session with a backend, whose progress and end a case can wait for. */
export abstract class SessionRun extends EventEmitter<{ change: [] }> {
  protected readonly timeoutMs: number;
  protected readonly controller = new AbortController();
  readonly #name: string;
  #end: { readonly error?: unknown } | undefined;

  constructor(name: string, timeoutMs: number) {
    super();
    this.#name = name;
    this.timeoutMs = timeoutMs;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Listeners that the backend has left on the signal of this session. */
  get abortListeners(): number {
    return getEventListeners(this.controller.signal, 'abort').length;
  }

  /** The error that the session throws. */
  async failure(withinMs: number = this.timeoutMs): Promise<DiscoveryError> {
    const { error } = await this.waitFor(`${this.#name} to throw`, withinMs, () => this.#end);
    if (error instanceof DiscoveryError) return error;
    throw new Error(`${this.#name} ended with ${String(error)}, not with a DiscoveryError`);
  }

  /** Aborts the session and waits for its end. @throws {Error} if that takes more than 3 s, or fails. */
  async stop(): Promise<void> {
    if (this.#end) return;
    this.controller.abort();
    const { error } = await this.waitFor(`${this.#name} to end after its abort`, 3_000, () => this.#end);
    if (error !== undefined) throw new Error(`${this.#name} threw ${String(error)} after its abort`);
  }

  /** What was observed so far, for the error of a timeout. */
  protected abstract describe(): string;

  protected run(session: Promise<void>): void {
    session.then(
      () => this.update(() => (this.#end = {})),
      (error: unknown) => this.update(() => (this.#end = { error })),
    );
  }

  protected update(change: () => void): void {
    change();
    this.emit('change');
  }

  /** Waits until `find` returns a value. @throws {Error} when the session ends before that. */
  protected waitWhileOpen<T>(what: string, find: () => T | undefined): Promise<T> {
    return this.waitFor(what, this.timeoutMs, () => {
      const found = find();
      if (found !== undefined || !this.#end) return found;
      const cause = this.#end.error;
      throw new Error(`${this.#name} ended before ${what}; ${this.describe()}`, { cause });
    });
  }

  protected async waitFor<T>(what: string, withinMs: number, find: () => T | undefined): Promise<T> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), withinMs);
    try {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        if (deadline.signal.aborted) {
          throw new Error(`waited ${withinMs} ms for ${what}; ${this.describe()}${this.#describeEnd()}`);
        }
        await waitForChange(this, deadline.signal);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #describeEnd(): string {
    if (!this.#end) return '';
    return 'error' in this.#end ? `; it threw ${String(this.#end.error)}` : '; it has ended';
  }
}
