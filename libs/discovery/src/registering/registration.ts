import { EventEmitter, once } from 'node:events';
import type { Backend } from '../backend/backend.js';
import { Backoff, type BackoffOptions } from '../runtime/backoff.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { FaultLog, type Log } from '../runtime/log.js';
import { safeEmit } from '../runtime/safe-emit.js';
import { startTimer, childAbortController, sleep } from '../runtime/timers.js';

/** How long a registry that was away may take to answer when all we want is to leave it, in ms. */
const goodbyeMs = 500;

/**
 * - `registering`: not in the registry yet; tries for ever.
 * - `registered`: in the registry, and kept there.
 * - `lost`: was in the registry and may no longer be; registers again, for ever.
 * - `paused`: out of rotation, by our own wish, until it is resumed.
 * - `draining`: being removed, by our own wish.
 * - `closed`: removed, or given up on after the registry did not answer in time.
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
 * Keeps one instance in a registry: desired state against the registry, until {@link close}. Never throws because of
 * the registry: an outage must not stop an instance from serving.
 */
export class Registration extends EventEmitter<{ change: [RegistrationState] }> {
  readonly instance: Instance;
  readonly #backend: Backend;
  readonly #backoff: Backoff;
  readonly #log: Log;
  readonly #faults: FaultLog;
  readonly #leave = new AbortController();
  readonly #ended: Promise<void>;
  #state: RegistrationState = { status: 'registering', since: new Date() };
  #paused = false;
  /** Whether a record of ours may be in the registry although no session keeps it. */
  #leftover = false;
  /** Ends the present session, or the wait between two. */
  #interrupt = () => {};

  constructor(backend: Backend, instance: Instance, options: { log: Log; backoff?: BackoffOptions }) {
    super();
    this.instance = instance;
    this.#backend = backend;
    this.#backoff = new Backoff(options.backoff);
    this.#log = options.log;
    this.#faults = new FaultLog(options.log, `registration of ${instance.id} in ${backend.location}`);
    this.#ended = this.#run();
  }

  get state(): RegistrationState {
    return this.#state;
  }

  /** Resolves as soon as the instance is in the registry; rejects with CLOSED when it is closed before that. */
  async registered(): Promise<void> {
    for (;;) {
      if (this.#state.status === 'registered') return;
      if (this.#isClosed()) {
        throw new DiscoveryError(
          'CLOSED',
          `the registration of ${this.instance.id} was closed before it was in the registry`,
        );
      }
      await once(this, 'change');
    }
  }

  /**
   * Takes the instance out of rotation and keeps it out until {@link resume}: callers no longer see it, what they have
   * in flight goes on. Resolves when that is done, within 2 s. Idempotent; does nothing once it is closed.
   */
  async pause(): Promise<void> {
    this.#paused = true;
    if (this.#state.status !== 'paused') this.#interrupt();
    while (this.#paused && !this.#isClosed() && this.#state.status !== 'paused') await once(this, 'change');
  }

  /** Puts it back. Resolves when it is in the registry; rejects with CLOSED when it is closed before that. */
  resume(): Promise<void> {
    if (this.#paused) {
      this.#paused = false;
      this.#interrupt();
    }
    return this.registered();
  }

  /** Takes the instance out of the registry: within 2 s, also when the registry does not answer. Idempotent. */
  close(): Promise<void> {
    if (!this.#leave.signal.aborted) {
      this.#set({ status: 'draining', since: new Date() });
      this.#leave.abort();
      // A process whose last act is to leave must not end with its record in place: our other timers do not keep it.
      const stay = setInterval(() => {}, 1_000);
      void this.#ended.then(() => clearInterval(stay));
    }
    return this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#leave.signal.aborted) {
      const session = childAbortController(this.#leave.signal);
      this.#interrupt = () => session.abort();
      const error = await this.#session(session.signal);
      if (!session.signal.aborted) {
        const lastError =
          error ?? new DiscoveryError('REGISTRATION_LOST', 'the session with the registry ended');
        this.#faults.fault(lastError);
        if (!this.#paused) this.#lose(lastError);
        await sleep(this.#backoff.next(), session.signal);
      } else if (error) {
        // It could not be removed; the registry will do it when its time to live is over.
        this.#faults.fault(error);
      }
      session.dispose();
    }
    await this.#removeLeftover();
    this.#set({ status: 'closed', since: new Date() });
  }

  /** One session with the registry, in rotation or out of it; returns why it failed. */
  async #session(signal: AbortSignal): Promise<DiscoveryError | undefined> {
    try {
      if (!this.#paused) {
        if (this.#state.status === 'paused' || this.#state.status === 'registered')
          this.#set({ status: 'registering', since: new Date() });
        await this.#backend.announce(this.instance, { signal, registered: () => this.#registered() });
        this.#leftover = false;
      } else {
        await this.#removeLeftover();
        this.#set({ status: 'paused', since: new Date() });
        await (this.#backend.showPaused?.(this.instance, signal) ?? aborted(signal));
      }
      return undefined;
    } catch (error) {
      return DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', this.#backend.location);
    }
  }

  /**
   * Asked to leave between two sessions, the old record may still be there, and nobody keeps it: it is announced once
   * more, to be removed as one that leaves. A registry that is away removes it when its time to live is over.
   */
  async #removeLeftover(): Promise<void> {
    if (!this.#leftover) return;
    this.#leftover = false;
    const session = new AbortController();
    const cancel = startTimer(goodbyeMs, () => session.abort());
    const leaving = { signal: session.signal, registered: () => session.abort() };
    await this.#backend.announce(this.instance, leaving).catch(() => {});
    cancel();
  }

  #lose(lastError: DiscoveryError): void {
    const status = this.#state.status === 'registering' ? 'registering' : 'lost';
    this.#set({ status, since: this.#state.status === status ? this.#state.since : new Date(), lastError });
  }

  #registered(): void {
    this.#leftover = true;
    if (this.#leave.signal.aborted || this.#paused) return;
    this.#backoff.reset();
    this.#faults.recovered();
    this.#set({ status: 'registered', since: new Date() });
  }

  #isClosed(): boolean {
    return this.#leave.signal.aborted;
  }

  #set(state: RegistrationState): void {
    this.#state = state;
    safeEmit(this, 'change', state, this.#log);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
