import { EventEmitter, once } from 'node:events';
import type { Backend, OwnRecord } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { Backoff, type BackoffOptions } from '../runtime/backoff.js';
import { FaultLog, type Log } from '../runtime/log.js';
import { safeEmit } from '../runtime/safe-emit.js';
import { childAbortController, sleep } from '../runtime/timers.js';
import { announce, withdraw } from './announce.js';

/** How long a registry that was unavailable may take to remove a record that was left in it, in ms. */
const leftoverWithinMs = 500;

/**
 * - `registering`: not in the registry yet; retried without end.
 * - `registered`: in the registry, and kept there.
 * - `lost`: was in the registry and may no longer be; registered again, without end.
 * - `paused`: taken out of rotation by {@link Registration.pause}.
 * - `draining`: being removed, after {@link Registration.close}.
 * - `closed`: removed, or abandoned because the registry did not answer in time.
 */
export type RegistrationState = { readonly since: Date } & (
  | { readonly status: 'registering'; readonly lastError?: DiscoveryError }
  | { readonly status: 'registered' }
  | { readonly status: 'lost'; readonly lastError: DiscoveryError }
  | { readonly status: 'paused' }
  | { readonly status: 'draining' }
  | { readonly status: 'closed' }
);

/**
 * Keeps one instance in a registry: reconciles desired state with the registry until {@link close}. A failing registry never
 * makes it throw: an outage must not stop an instance from serving.
 */
export class Registration extends EventEmitter<{ change: [RegistrationState] }> {
  readonly instance: Instance;
  readonly #backend: Backend;
  readonly #record: OwnRecord;
  readonly #backoff: Backoff;
  readonly #log: Log;
  readonly #faults: FaultLog;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #state: RegistrationState = { status: 'registering', since: new Date() };
  #isPaused = false;
  /** Whether the registry may hold a record of ours that no session keeps. */
  #hasLeftover = false;
  /** Ends the present session, or the wait between two. */
  #interrupt = () => {};

  constructor(backend: Backend, instance: Instance, options: { log: Log; backoff?: BackoffOptions }) {
    super();
    this.instance = instance;
    this.#backend = backend;
    this.#record = backend.ownRecord(instance);
    this.#backoff = new Backoff(options.backoff);
    this.#log = options.log;
    this.#faults = new FaultLog(options.log, `registration of ${instance.id} in ${backend.location}`);
    this.#ended = this.#run();
  }

  get state(): RegistrationState {
    return this.#state;
  }

  /** Resolves once the instance is in the registry; rejects with CLOSED when it is closed before that. */
  async registered(): Promise<void> {
    for (;;) {
      if (this.#state.status === 'registered') return;
      if (this.#isClosed) {
        throw new DiscoveryError(
          'CLOSED',
          `the registration of ${this.instance.id} was closed before it was in the registry`,
        );
      }
      await once(this, 'change');
    }
  }

  /**
   * Takes the instance out of rotation until {@link resume}: callers no longer see it, calls in flight go on. Resolves when
   * that is done, within 2 s. Idempotent; does nothing once it is closed.
   */
  async pause(): Promise<void> {
    this.#isPaused = true;
    if (this.#state.status !== 'paused') this.#interrupt();
    while (this.#isPaused && !this.#isClosed && this.#state.status !== 'paused') await once(this, 'change');
  }

  /** Puts it back into rotation. Resolves when it is in the registry; rejects with CLOSED when it is closed before that. */
  resume(): Promise<void> {
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#interrupt();
    }
    return this.registered();
  }

  /** Removes the instance from the registry: within 2 s, also when the registry does not answer. Idempotent. */
  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#set({ status: 'draining', since: new Date() });
      this.#closing.abort();
      // Keeps the process alive until its record is removed.
      const keepAlive = setInterval(() => {}, 1_000);
      void this.#ended.then(() => clearInterval(keepAlive));
    }
    return this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const session = childAbortController(this.#closing.signal);
      this.#interrupt = () => session.abort();
      try {
        await (this.#isPaused ? this.#stayPaused(session.signal) : this.#stayRegistered(session.signal));
      } catch (error) {
        this.#onLost(DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', this.#backend.location));
        await sleep(this.#backoff.next(), session.signal);
      }
      session.dispose();
    }
    await this.#removeLeftover();
    this.#set({ status: 'closed', since: new Date() });
  }

  async #stayRegistered(signal: AbortSignal): Promise<void> {
    if (this.#state.status === 'paused' || this.#state.status === 'registered')
      this.#set({ status: 'registering', since: new Date() });
    await this.#announce(this.instance, signal, () => this.#onRegistered());
  }

  async #stayPaused(signal: AbortSignal): Promise<void> {
    await this.#removeLeftover();
    this.#set({ status: 'paused', since: new Date() });
    if (this.#backend.showsPaused)
      await this.#announce({ ...this.instance, draining: true }, signal, () => {});
    else if (!signal.aborted) await once(signal, 'abort');
  }

  async #announce(instance: Instance, signal: AbortSignal, registered: () => void): Promise<void> {
    this.#hasLeftover = true;
    await announce(this.#record, instance, { signal, registered });
    this.#hasLeftover = false;
  }

  /** Removes the record that a failed session may have left. */
  async #removeLeftover(): Promise<void> {
    if (!this.#hasLeftover) return;
    this.#hasLeftover = false;
    await withdraw(this.#record, leftoverWithinMs);
  }

  #onRegistered(): void {
    if (this.#isClosed || this.#isPaused) return;
    this.#backoff.reset();
    this.#faults.recovered();
    this.#set({ status: 'registered', since: new Date() });
  }

  #onLost(lastError: DiscoveryError): void {
    // The record belongs to another instance and must not be removed.
    if (lastError.code === 'CONFLICT') this.#hasLeftover = false;
    this.#faults.fault(lastError);
    if (this.#isPaused || this.#isClosed) return;
    const status = this.#state.status === 'registering' ? 'registering' : 'lost';
    this.#set({ status, since: this.#state.status === status ? this.#state.since : new Date(), lastError });
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #set(state: RegistrationState): void {
    this.#state = state;
    safeEmit(this, 'change', state, this.#log);
  }
}
