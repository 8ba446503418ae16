import { getEventListeners } from 'node:events';
import type { Backend, OwnRecord } from '../../backend/backend.js';
import { announce } from '../../registering/announce.js';
import { DiscoveryError } from '../../model/errors.js';
import type { Instance } from '../../model/instance.js';
import { Witness } from './witness.js';

/** One announcement, as the core would run it. */
export class Announcing extends Witness {
  readonly instance: Instance;
  readonly record: OwnRecord;
  readonly #patienceMs: number;
  readonly #leave = new AbortController();
  #isRegistered = false;
  #end: { readonly error?: unknown } | undefined;

  /** `record` is that of an earlier session, for one that announces the same registration again. */
  constructor(backend: Backend, instance: Instance, patienceMs: number, record?: OwnRecord) {
    super();
    this.instance = instance;
    this.record = record ?? backend.ownRecord(instance);
    this.#patienceMs = patienceMs;
    const session = {
      signal: this.#leave.signal,
      registered: () => this.#note(() => (this.#isRegistered = true)),
    };
    announce(this.record, instance, session).then(
      () => this.#note(() => (this.#end = {})),
      (error: unknown) => this.#note(() => (this.#end = { error })),
    );
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** How many still listen to the signal of this session. */
  get abortListeners(): number {
    return getEventListeners(this.#leave.signal, 'abort').length;
  }

  async registered(): Promise<void> {
    await this.waitFor(`${this.instance.id} to be registered`, this.#patienceMs, () => {
      if (this.#end && 'error' in this.#end) throw this.#end.error;
      return this.#isRegistered || undefined;
    });
  }

  /** What it throws. */
  async failure(withinMs: number = this.#patienceMs): Promise<DiscoveryError> {
    const { error } = await this.waitFor(
      `the announcement of ${this.instance.id} to throw`,
      withinMs,
      () => this.#end,
    );
    if (error instanceof DiscoveryError) return error;
    throw new Error(
      `the announcement of ${this.instance.id} ended with ${String(error)}, not with a DiscoveryError`,
    );
  }

  abort(): void {
    this.#leave.abort();
  }

  /** Leaves, and waits for the end. @throws {Error} if that takes longer than the contract has it, or fails. */
  async leave(): Promise<void> {
    // What it has thrown by now was thrown before the abort.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (this.#end) return;
    this.abort();
    // A fair machine's two seconds.
    const { error } = await this.waitFor(`${this.instance.id} to leave within 2 s`, 3_000, () => this.#end);
    if (error !== undefined) throw new Error(`leaving threw ${String(error)}; an abort is no failure`);
  }

  #note(change: () => void): void {
    change();
    this.emit('change');
  }

  protected describe(): string {
    const end = this.#end && ('error' in this.#end ? `threw ${String(this.#end.error)}` : 'ended');
    return `it is ${end ?? (this.#isRegistered ? 'registered' : 'not registered')}`;
  }
}
