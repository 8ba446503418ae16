import { getEventListeners } from 'node:events';
import type { Backend, ObservedSet } from '../../backend/backend.js';
import { DiscoveryError } from '../../model/errors.js';
import type { Instance } from '../../model/instance.js';
import { Witness } from './witness.js';

/** One look at a service, or at all of them, and every set it was shown. */
export class Observing extends Witness {
  readonly sets: (readonly Instance[])[] = [];
  readonly rejected: { readonly key: string; readonly reason: DiscoveryError }[] = [];
  readonly #patienceMs: number;
  readonly #stop = new AbortController();
  #gate = Promise.resolve();
  #end: { readonly error?: unknown } | undefined;

  constructor(backend: Backend, service: string | undefined, patienceMs: number) {
    super();
    this.#patienceMs = patienceMs;
    const session = {
      signal: this.#stop.signal,
      rejected: (key: string, reason: DiscoveryError) =>
        this.#note(() => this.rejected.push({ key, reason })),
    };
    const sets = service === undefined ? backend.observeAll(session) : backend.observe(service, session);
    this.#collect(sets).then(
      () => this.#note(() => (this.#end = {})),
      (error: unknown) => this.#note(() => (this.#end = { error })),
    );
  }

  /** How many still listen to the signal of this session. */
  get abortListeners(): number {
    return getEventListeners(this.#stop.signal, 'abort').length;
  }

  /** Takes one more set at most, until the returned function is called. */
  pause(): () => void {
    let resume = () => {};
    this.#gate = new Promise((resolve) => (resume = resolve));
    return resume;
  }

  /** Waits for a set that `fits`, from the newest one on. */
  async until(what: string, fits: (instances: readonly Instance[]) => boolean): Promise<readonly Instance[]> {
    return this.#while(what, () => {
      const newest = this.sets.at(-1);
      return newest && fits(newest) ? newest : undefined;
    });
  }

  async untilFirst(): Promise<readonly Instance[]> {
    return this.#while('the first set', () => this.sets[0]);
  }

  async untilHas(...instances: readonly Instance[]): Promise<readonly Instance[]> {
    const ids = instances.map(({ id }) => id);
    return this.until(ids.join(', '), (set) => ids.every((id) => has(set, id)));
  }

  async untilHasNot({ id }: Instance): Promise<void> {
    await this.until(`${id} to be gone`, (set) => !has(set, id));
  }

  async untilRejected(): Promise<void> {
    await this.#while('a record to be rejected', () => this.rejected[0]);
  }

  /** What it throws. */
  async failure(withinMs: number = this.#patienceMs): Promise<DiscoveryError> {
    const { error } = await this.waitFor('the session to throw', withinMs, () => this.#end);
    if (error instanceof DiscoveryError) return error;
    throw new Error(`the session ended with ${String(error)}, not with a DiscoveryError`);
  }

  /** Stops looking, and waits for the end. @throws {Error} if that takes seconds, or fails. */
  async stop(): Promise<void> {
    if (this.#end) return;
    this.#stop.abort();
    const { error } = await this.waitFor('the session to end after its abort', 3_000, () => this.#end);
    if (error !== undefined) throw new Error(`the session threw ${String(error)}; an abort is no failure`);
  }

  async #collect(sets: AsyncIterable<ObservedSet>): Promise<void> {
    for await (const { instances } of sets) {
      this.#note(() => this.sets.push(instances));
      await this.#gate;
    }
  }

  async #while<T>(what: string, look: () => T | undefined): Promise<T> {
    return this.waitFor(what, this.#patienceMs, () => {
      const found = look();
      if (found === undefined && this.#end) {
        throw new Error(`the session ended while ${what} was waited for; ${this.describe()}`, {
          cause: this.#end.error,
        });
      }
      return found;
    });
  }

  #note(change: () => void): void {
    change();
    this.emit('change');
  }

  protected describe(): string {
    const end =
      this.#end && ('error' in this.#end ? `; it threw ${String(this.#end.error)}` : '; it has ended');
    const newest = this.sets.at(-1)?.map(({ id, draining }) => (draining ? `${id} (draining)` : id));
    return `${this.sets.length} sets were seen, last ${JSON.stringify(newest)}${end ?? ''}`;
  }
}

export function has(instances: readonly Instance[], id: string): boolean {
  return instances.some((instance) => instance.id === id);
}
