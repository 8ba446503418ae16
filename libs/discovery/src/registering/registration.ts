import { EventEmitter, once } from 'node:events';
import type { Backend, OwnRecord } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { Backoff, type BackoffOptions } from '../runtime/backoff.js';
import { FaultLog, type Log } from '../runtime/log.js';
import { safeEmit } from '../runtime/safe-emit.js';
import { childAbortController, keepProcessAlive, sleep } from '../runtime/timers.js';
import { announce, type AnnounceSession, withdraw } from './announce.js';
import { DesiredInstance, type InstanceUpdate, updateInstance } from './desired-instance.js';
import { nextState, type RegistrationEvent, type RegistrationState } from './registration-state.js';
import { emitStateChange } from './state-events.js';

export type { InstanceUpdate } from './desired-instance.js';
export type { RegistrationState } from './registration-state.js';

/** How long a registry that was unavailable may take to remove a record that was left in it, in ms. */
const leftoverWithinMs = 500;

interface RegistrationOptions {
  readonly log: Log;
  readonly backoff?: BackoffOptions;
  /** Closes a registration and waits until callers know. Default: does not wait. */
  readonly deregister?: (registration: Registration, forceSignal?: AbortSignal) => Promise<void>;
}

/**
 * Keeps one instance in a registry: reconciles desired state with the registry until {@link close}. A failing registry never
 * makes it throw: an outage must not stop an instance from serving.
 */
export class Registration extends EventEmitter<{ change: [RegistrationState] }> {
  readonly #desired: DesiredInstance;
  readonly #backend: Backend;
  readonly #record: OwnRecord;
  readonly #backoff: Backoff;
  readonly #log: Log;
  readonly #faults: FaultLog;
  readonly #deregister: NonNullable<RegistrationOptions['deregister']>;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #state: RegistrationState = { status: 'registering', since: new Date() };
  #isPaused = false;
  /** Check whether what a caller waits for has happened. Not listeners of `change`, of which Node allows ten. */
  readonly #waiters = new Set<() => void>();
  /** Whether the registry may hold a record of ours that no session keeps. */
  #hasLeftover = false;
  /** Ends the present session, or the wait between two. */
  #interrupt = () => {};

  constructor(backend: Backend, instance: Instance, options: RegistrationOptions) {
    super();
    this.#desired = new DesiredInstance(instance);
    this.#backend = backend;
    this.#record = backend.ownRecord(instance);
    this.#backoff = new Backoff(options.backoff);
    this.#log = options.log;
    this.#deregister = options.deregister ?? ((registration) => registration.close());
    this.#faults = new FaultLog(options.log, `registration of ${instance.id} in ${backend.location}`);
    this.#ended = this.#run();
  }

  get state(): RegistrationState {
    return this.#state;
  }

  /** As it is to be in the registry: with the last {@link update}. */
  get instance(): Instance {
    return this.#desired.instance;
  }

  /**
   * Resolves as soon as the instance is in the registry; rejects with CLOSED when it is closed before that. Keeps the process
   * alive meanwhile, as all promises of a registration do.
   */
  async registered(): Promise<void> {
    await this.#until(() => this.#state.status === 'registered');
    this.#assertNotClosed('before it was in the registry');
  }

  /**
   * Changes the instance in place: its record is overwritten, and callers see either the old one or the new one. Resolves
   * when they see the new one, or a later one; for a paused instance at once. While the registry is unavailable it waits.
   * @throws {DiscoveryError} INVALID_INSTANCE, and nothing has changed; CLOSED when it is closed before callers see it.
   */
  async update(update: InstanceUpdate): Promise<void> {
    this.#assertNotClosed('and cannot be updated');
    this.#desired.replace(updateInstance(this.instance, update));
    const { version } = this.#desired;
    await this.#until(() => this.#desired.isShown(version) || this.#state.status === 'paused');
    if (!this.#desired.isShown(version)) this.#assertNotClosed('before its update was in the registry');
  }

  /**
   * Takes the instance out of rotation until {@link resume}: callers no longer see it, calls in flight go on. Resolves when
   * that is done, within 2 s. Idempotent; does nothing once it is closed.
   */
  async pause(): Promise<void> {
    this.#isPaused = true;
    if (this.#state.status !== 'paused') this.#interrupt();
    await this.#until(() => !this.#isPaused || this.#state.status === 'paused');
  }

  /** Puts it back into rotation. Resolves when it is in the registry; rejects with CLOSED when it is closed before that. */
  resume(): Promise<void> {
    if (this.#isPaused) {
      this.#isPaused = false;
      // Also when the pause has only begun: the record is on its way out, and the instance must be registered anew.
      this.#apply({ type: 'starting' });
      this.#interrupt();
    }
    return this.registered();
  }

  /** Removes the instance from the registry: within 2 s, also when the registry does not answer. Idempotent. */
  close(): Promise<void> {
    this.#closing.abort();
    this.#apply({ type: 'closing' });
    return keepProcessAlive(this.#ended);
  }

  /**
   * Closes it and waits until callers have seen the removal. Stop serving only after that. Takes about 3 s at most, also when the
   * registry is unavailable; `forceSignal` ends the waiting, not the removal. Never rejects.
   */
  deregister(forceSignal?: AbortSignal): Promise<void> {
    return this.#deregister(this, forceSignal);
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const session = childAbortController(this.#closing.signal);
      this.#interrupt = () => session.abort();
      try {
        await (this.#isPaused ? this.#stayPaused(session.signal) : this.#stayRegistered(session.signal));
      } catch (error) {
        this.#onFailed(DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', this.#backend.location));
        await sleep(this.#backoff.next(), session.signal);
      }
      session.dispose();
    }
    await this.#removeLeftover();
    this.#faults.close();
    this.#apply({ type: 'closed' });
  }

  async #stayRegistered(signal: AbortSignal): Promise<void> {
    this.#apply({ type: 'starting' });
    await this.#announce({ signal, registered: () => this.#onRegistered() });
  }

  async #stayPaused(signal: AbortSignal): Promise<void> {
    await this.#removeLeftover();
    this.#apply({ type: 'paused' });
    if (this.#backend.showsPaused) await this.#announce({ signal, registered: () => {}, draining: true });
    else if (!signal.aborted) await once(signal, 'abort');
  }

  async #announce(session: AnnounceSession): Promise<void> {
    this.#hasLeftover = true;
    await announce(this.#record, this.#desired, session);
    this.#hasLeftover = false;
  }

  /** Removes the record that a failed session may have left. */
  async #removeLeftover(): Promise<void> {
    if (!this.#hasLeftover) return;
    this.#hasLeftover = false;
    await withdraw(this.#record, leftoverWithinMs);
  }

  #onRegistered(): void {
    this.#backoff.reset();
    this.#faults.recovered();
    this.#apply({ type: 'registered' });
    this.#checkWaiters();
  }

  #onFailed(error: DiscoveryError): void {
    // The record belongs to another instance and must not be removed.
    if (error.code === 'CONFLICT') this.#hasLeftover = false;
    this.#faults.fault(error);
    this.#apply({ type: 'failed', error });
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #assertNotClosed(when: string): void {
    if (this.#isClosed)
      throw new DiscoveryError('CLOSED', `the registration of ${this.instance.id} was closed ${when}`);
  }

  /** Resolves when `isDone`, or when the registration is closed. */
  #until(isDone: () => boolean): Promise<void> {
    return keepProcessAlive(
      new Promise((resolve) => {
        const check = () => {
          if (!this.#isClosed && !isDone()) return;
          this.#waiters.delete(check);
          resolve();
        };
        this.#waiters.add(check);
        check();
      }),
    );
  }

  #checkWaiters(): void {
    for (const check of this.#waiters) check();
  }

  #apply(event: RegistrationEvent): void {
    const state = nextState(this.#state, event);
    if (state === this.#state) return;
    const before = this.#state;
    this.#state = state;
    emitStateChange(this.#backend.location, this.instance, before, state);
    safeEmit(this, 'change', state, this.#log);
    this.#checkWaiters();
  }
}
