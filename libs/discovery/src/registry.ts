import { assertReachable } from './registering/advertised-address.js';
import type { Backend, ObserveSession } from './backend/backend.js';
import { watchOnly } from './backend/watch-only.js';
import { deregister } from './deregister.js';
import { addOpenRegistry, type RegistryStatus } from './events/open-registries.js';
import { DiscoveryError } from './model/errors.js';
import { isLoopback } from './model/host.js';
import type { InstanceFilter } from './model/instance-filter.js';
import { assertWatchableName, defineInstance, type InstanceInit } from './model/instance.js';
import { assertDuration } from './model/invalid-option.js';
import { type Log, safeLog } from './runtime/log.js';
import type { WhyReport } from './watching/why.js';
import { Membership, type WatchScope } from './watching/membership.js';
import { checkMembershipOptions, type MembershipOptions } from './watching/membership-options.js';
import { Registration } from './registering/registration.js';
import { startTimer } from './runtime/timers.js';
import { SharedWatch, type Watch } from './watching/watch.js';

export type { Watch } from './watching/watch.js';

export interface RegistryOptions extends MembershipOptions {
  /** Receives the log lines of the library. Default: none. */
  readonly log?: Log;
  /** How long a session is kept after its last watch was closed, in ms, in case another one follows. Default 10,000. */
  readonly lingerMs?: number;
}

interface Shared {
  readonly membership: Membership;
  readonly watches: Set<Watch>;
  cancelLinger: () => void;
}

/** A handle of a registry: registers instances and watches services. */
export class Registry {
  readonly #backend: Backend;
  readonly #options: RegistryOptions;
  readonly #log: Log;
  readonly #registrations = new Map<string, Registration>();
  readonly #memberships = new Map<string, Shared>();
  readonly #closing = new Set<Promise<void>>();
  #closed: Promise<void> | undefined;
  /** Set once there is something to report: a handle that is never used and never closed is not kept in memory. */
  #hideStatus: (() => void) | undefined;

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor(backend: Backend, options: RegistryOptions = {}) {
    checkMembershipOptions(options);
    assertDuration('lingerMs', options.lingerMs, 0);
    this.#backend = backend;
    this.#options = options;
    this.#log = safeLog(options.log);
  }

  /** The scheme of its gRPC targets. */
  get scheme(): string {
    return this.#backend.scheme;
  }

  /** The registry, for people, without secrets. */
  get location(): string {
    return this.#backend.location;
  }

  /** The host where the registry runs; of several, the first that is not this machine. Undefined for a local registry. */
  get host(): string | undefined {
    const { hosts = [] } = this.#backend;
    return hosts.find((host) => !isLoopback(host)) ?? hosts[0];
  }

  /** Whether {@link close} was called. */
  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** The open registrations of this handle. */
  get registrations(): readonly Registration[] {
    return [...this.#registrations.values()];
  }

  /**
   * Keeps an instance registered until the registration or this handle is closed. Call it once the instance listens. Returns
   * at once, also while the registry is unavailable.
   * @throws {DiscoveryError} INVALID_INSTANCE for invalid values or an id that this process has already registered;
   *   NO_ADVERTISABLE_ADDRESS for a loopback host with a remote registry; UNSUPPORTED by a registry that can only be watched;
   *   CLOSED after {@link close}.
   */
  register(init: InstanceInit): Registration {
    this.#assertOpen();
    if (this.#backend.isWatchOnly) throw watchOnly(this.#backend, 'register instances');
    const instance = defineInstance({ registeredAt: Date.now(), ...init });
    if (this.host !== undefined) assertReachable(instance.host, this.host);
    if (this.#registrations.has(instance.id)) {
      throw new DiscoveryError(
        'INVALID_INSTANCE',
        `id ${instance.id} is registered by this process: close that registration first`,
      );
    }
    const { backoff } = this.#options;
    const registration = new Registration(this.#backend, instance, {
      log: this.#log,
      ...(backoff && { backoff }),
      deregister: (closing, forceSignal) => deregister(this, closing, forceSignal),
    });
    this.#registrations.set(instance.id, registration);
    this.#showStatus();
    registration.on('change', ({ status }) => {
      if (status === 'closed') this.#registrations.delete(instance.id);
    });
    return registration;
  }

  /**
   * Watches the instances of `service` that match `filter`.
   * @throws {DiscoveryError} INVALID_INSTANCE for an invalid service name; CLOSED after {@link close}.
   */
  watch(service: string, filter: InstanceFilter = {}): Watch {
    assertWatchableName(service);
    const observe = (session: ObserveSession) => this.#backend.observe(service, session);
    return this.#watch({ name: service, observe }, filter);
  }

  /**
   * The catalogue: watches the instances of all services, through one session.
   * @throws {DiscoveryError} UNSUPPORTED by a registry that cannot list its services; CLOSED after {@link close}.
   */
  watchAll(): Watch {
    this.#assertOpen();
    if (this.#backend.isWatchOnly) throw watchOnly(this.#backend, 'list all services');
    return this.#watch({ name: '*', observe: (session) => this.#backend.observeAll(session) }, {});
  }

  /** Explains the current list of `service` (`*` for the catalogue); undefined when this handle does not watch it. */
  why(service: string): WhyReport | undefined {
    return this.#memberships.get(service)?.membership.why();
  }

  /** Deregisters all instances, ends all watches and closes the connection, within about 2 s. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#registrations.values()].map((registration) => registration.close()));
    for (const [service, shared] of this.#memberships) this.#end(service, shared);
    await Promise.all(this.#closing);
    this.#hideStatus?.();
    await this.#backend.close();
  }

  #showStatus(): void {
    this.#hideStatus ??= addOpenRegistry(() => this.#status());
  }

  #status(): RegistryStatus {
    return {
      registry: this.location,
      registrations: this.registrations.map(({ state: { status }, instance: { id, service } }) => ({
        service,
        instance: id,
        status,
      })),
      lists: [...this.#memberships.values()].map(({ membership }) => membership.status),
    };
  }

  #assertOpen(): void {
    if (this.#closed)
      throw new DiscoveryError('CLOSED', `the handle of ${this.location} is closed: open a new one`);
  }

  #watch(scope: WatchScope, filter: InstanceFilter): Watch {
    this.#assertOpen();
    const shared = this.#share(scope);
    shared.cancelLinger();
    const watch = new SharedWatch(scope.name, shared.membership, filter, () => {
      shared.watches.delete(watch);
      this.#lingerIfUnwatched(scope.name, shared);
    });
    shared.watches.add(watch);
    return watch;
  }

  #share(scope: WatchScope): Shared {
    const known = this.#memberships.get(scope.name);
    if (known) return known;
    const membership = new Membership(this.#backend, scope, { ...this.#options, log: this.#log });
    const shared: Shared = { membership, watches: new Set(), cancelLinger: () => {} };
    this.#memberships.set(scope.name, shared);
    this.#showStatus();
    return shared;
  }

  #lingerIfUnwatched(service: string, shared: Shared): void {
    if (shared.watches.size > 0 || this.#closed) return;
    shared.cancelLinger = startTimer(this.#options.lingerMs ?? 10_000, () => this.#end(service, shared));
  }

  #end(service: string, shared: Shared): void {
    shared.cancelLinger();
    for (const watch of shared.watches) watch.close();
    this.#memberships.delete(service);
    const ending = shared.membership.close().finally(() => this.#closing.delete(ending));
    this.#closing.add(ending);
  }
}
