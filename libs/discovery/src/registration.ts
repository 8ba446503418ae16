import { EventEmitter } from 'node:events';
import type { Backend } from './backend.js';
import { Backoff, type BackoffOptions } from './backoff.js';
import { DiscoveryError } from './errors.js';
import type { Instance } from './instance.js';
import { FaultLog, type Log } from './log.js';
import { sleep } from './timer.js';

/**
 * - `registering`: not in the registry yet; tries for ever.
 * - `registered`: in the registry, and kept there.
 * - `lost`: was in the registry and may no longer be; registers again, for ever.
 * - `draining`: being removed, by our own wish.
 * - `closed`: removed, or given up on after the registry did not answer in time.
 */
export type RegistrationState = { readonly since: Date } & (
  | { readonly status: 'registering'; readonly lastError?: DiscoveryError }
  | { readonly status: 'registered' }
  | { readonly status: 'lost'; readonly lastError: DiscoveryError }
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
  readonly #faults: FaultLog;
  readonly #leave = new AbortController();
  readonly #ended: Promise<void>;
  #state: RegistrationState = { status: 'registering', since: new Date() };

  constructor(backend: Backend, instance: Instance, options: { log: Log; backoff?: BackoffOptions }) {
    super();
    this.instance = instance;
    this.#backend = backend;
    this.#backoff = new Backoff(options.backoff);
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
      if (this.#state.status === 'draining' || this.#state.status === 'closed') {
        throw new DiscoveryError(
          'CLOSED',
          `the registration of ${this.instance.id} was closed before it was in the registry`,
        );
      }
      await new Promise((resolve) => this.once('change', resolve));
    }
  }

  /** Takes the instance out of the registry: within 2 s, also when the registry does not answer. Idempotent. */
  close(): Promise<void> {
    if (!this.#leave.signal.aborted) {
      this.#set({ status: 'draining', since: new Date() });
      this.#leave.abort();
    }
    return this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#leave;
    while (!signal.aborted) {
      const error = await this.#announceOnce(signal);
      if (signal.aborted) {
        if (error) this.#faults.fault(error);
        break;
      }
      const lastError =
        error ?? new DiscoveryError('REGISTRATION_LOST', 'the session with the registry ended');
      this.#faults.fault(lastError);
      const status = this.#state.status === 'registering' ? 'registering' : 'lost';
      this.#set({ status, since: this.#state.status === status ? this.#state.since : new Date(), lastError });
      await sleep(this.#backoff.next(), signal);
    }
    this.#set({ status: 'closed', since: new Date() });
  }

  async #announceOnce(signal: AbortSignal): Promise<DiscoveryError | undefined> {
    try {
      await this.#backend.announce(this.instance, { signal, registered: () => this.#registered() });
      return undefined;
    } catch (error) {
      return DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', this.#backend.location);
    }
  }

  #registered(): void {
    if (this.#leave.signal.aborted) return;
    this.#backoff.reset();
    this.#faults.recovered();
    this.#set({ status: 'registered', since: new Date() });
  }

  #set(state: RegistrationState): void {
    this.#state = state;
    this.emit('change', state);
  }
}
