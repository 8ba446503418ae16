import type { Backend } from './backend.js';
import { DiscoveryError } from './errors.js';
import { assertServiceName, defineInstance, type InstanceInit } from './instance.js';
import { type Log, silent } from './log.js';
import type { Explanation } from './explanation.js';
import { Membership, type MembershipOptions, type MembershipState, type Subject } from './membership.js';
import { Registration } from './registration.js';
import { after } from './timer.js';

export interface RegistryOptions extends MembershipOptions {
  /** Hears what the library has to say. Default: nobody. */
  readonly log?: Log;
  /** How long a session outlives its last watcher, in ms, so that a brief gap costs nothing. Default 10,000. */
  readonly lingerMs?: number;
}

/** A look at the instances of one service. Many may look: they share one session with the registry. */
export interface Watch {
  readonly service: string;
  readonly current: MembershipState;
  /** Calls `listener` on every change from now on, until the returned function is called or the watch closed. */
  onChange(listener: (state: MembershipState) => void): () => void;
  /** Resolves with the first state that the registry itself has told; rejects with the reason of `signal`. */
  ready(signal?: AbortSignal): Promise<MembershipState>;
  /** A hint that the list may be out of date: it is read anew, at most once a second. */
  refresh(): void;
  /** Why the list is what it is: source, age, last error, each instance and its reason, the last changes. */
  explain(): Explanation;
  /** Stops looking. Never hurts another watch. */
  close(): void;
}

interface Shared {
  readonly membership: Membership;
  watchers: number;
  cancelLinger: () => void;
}

/** A registry, as the rest of a program sees it: register what you serve, watch what you call. */
export class Registry {
  readonly #backend: Backend;
  readonly #options: RegistryOptions;
  readonly #log: Log;
  readonly #registrations = new Map<string, Registration>();
  readonly #memberships = new Map<string, Shared>();
  readonly #closing = new Set<Promise<void>>();
  #closed: Promise<void> | undefined;

  constructor(backend: Backend, options: RegistryOptions = {}) {
    this.#backend = backend;
    this.#options = options;
    this.#log = options.log ?? silent;
  }

  /** The scheme of its gRPC targets. */
  get scheme(): string {
    return this.#backend.scheme;
  }

  /** Which registry this is, for people, without secrets. */
  get location(): string {
    return this.#backend.location;
  }

  /** Whether {@link close} was called: it takes no more work. */
  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /**
   * Puts an instance into the registry and keeps it there until the registration, or the registry, is closed. Call it
   * once the instance listens. Returns at once; the registry may come later.
   * @throws {DiscoveryError} INVALID_INSTANCE for values that no registry could carry, or for an id that this process
   *   has registered already; CLOSED after {@link close}.
   */
  register(init: InstanceInit): Registration {
    this.#assertOpen();
    const instance = defineInstance({ registeredAt: Date.now(), ...init });
    if (this.#registrations.has(instance.id)) {
      throw new DiscoveryError(
        'INVALID_INSTANCE',
        `id ${instance.id} is registered by this process already; close that registration first`,
      );
    }
    const { backoff } = this.#options;
    const registration = new Registration(this.#backend, instance, {
      log: this.#log,
      ...(backoff && { backoff }),
    });
    this.#registrations.set(instance.id, registration);
    registration.on('change', ({ status }) => {
      if (status === 'closed') this.#registrations.delete(instance.id);
    });
    return registration;
  }

  /**
   * Looks at the instances of `service`.
   * @throws {DiscoveryError} INVALID_INSTANCE if that is not a service name; CLOSED after {@link close}.
   */
  watch(service: string): Watch {
    assertServiceName(service);
    return this.#watch({ name: service, observe: (session) => this.#backend.observe(service, session) });
  }

  /**
   * The catalogue: looks at the instances of all services, through one session.
   * @throws {DiscoveryError} CLOSED after {@link close}.
   */
  watchAll(): Watch {
    return this.#watch({ name: '*', observe: (session) => this.#backend.observeAll(session) });
  }

  /**
   * Why callers see of `service` what they see: undefined when nobody in this process watches it.
   */
  why(service: string): Explanation | undefined {
    return this.#memberships.get(service)?.membership.explain();
  }

  /** Deregisters what is registered, ends every watch and the connection. Within about 2 s. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#registrations.values()].map((registration) => registration.close()));
    for (const [service, shared] of this.#memberships) this.#end(service, shared);
    await Promise.all(this.#closing);
    await this.#backend.close();
  }

  #assertOpen(): void {
    if (this.#closed)
      throw new DiscoveryError('CLOSED', `the handle of ${this.location} was closed; open a new one`);
  }

  #watch(subject: Subject): Watch {
    this.#assertOpen();
    const shared = this.#share(subject);
    shared.watchers += 1;
    shared.cancelLinger();
    return new SharedWatch(subject.name, shared.membership, () => this.#release(subject.name, shared));
  }

  #share(subject: Subject): Shared {
    const known = this.#memberships.get(subject.name);
    if (known) return known;
    const membership = new Membership(this.#backend, subject, { ...this.#options, log: this.#log });
    const shared: Shared = { membership, watchers: 0, cancelLinger: () => {} };
    this.#memberships.set(subject.name, shared);
    return shared;
  }

  #release(service: string, shared: Shared): void {
    shared.watchers -= 1;
    if (shared.watchers > 0 || this.#closed) return;
    shared.cancelLinger = after(this.#options.lingerMs ?? 10_000, () => this.#end(service, shared));
  }

  #end(service: string, shared: Shared): void {
    shared.cancelLinger();
    this.#memberships.delete(service);
    const ending = shared.membership.close().finally(() => this.#closing.delete(ending));
    this.#closing.add(ending);
  }
}

class SharedWatch implements Watch {
  readonly service: string;
  readonly #membership: Membership;
  readonly #release: () => void;
  readonly #listeners = new Set<(state: MembershipState) => void>();
  #open = true;

  constructor(service: string, membership: Membership, release: () => void) {
    this.service = service;
    this.#membership = membership;
    this.#release = release;
  }

  get current(): MembershipState {
    return this.#membership.state;
  }

  onChange(listener: (state: MembershipState) => void): () => void {
    // One more function, so that the same listener given twice is two listeners.
    const hear = (state: MembershipState) => listener(state);
    if (this.#open) {
      this.#listeners.add(hear);
      this.#membership.on('change', hear);
    }
    return () => {
      this.#listeners.delete(hear);
      this.#membership.off('change', hear);
    };
  }

  ready(signal?: AbortSignal): Promise<MembershipState> {
    return new Promise((resolve, reject) => {
      if (this.current.source !== 'none') return resolve(this.current);
      const settle = (finish: () => void) => {
        stop();
        signal?.removeEventListener('abort', abort);
        finish();
      };
      const stop = this.onChange((state) => {
        if (state.source !== 'none') settle(() => resolve(state));
      });
      const abort = () => settle(() => reject(signal?.reason));
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort);
    });
  }

  refresh(): void {
    this.#membership.refresh();
  }

  explain(): Explanation {
    return this.#membership.explain();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const listener of this.#listeners) this.#membership.off('change', listener);
    this.#listeners.clear();
    this.#release();
  }
}
