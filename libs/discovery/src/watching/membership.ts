import { EventEmitter } from 'node:events';
import type { Backend, ObservedSet, ObserveSession } from '../backend/backend.js';
import type { ListStatus } from '../events/open-registries.js';
import type { DiscoveryError } from '../model/errors.js';
import { diffInstances, type InstanceDiff, isEmptyDiff } from '../model/instance-set.js';
import { FaultLog, type Log } from '../runtime/log.js';
import { safeEmit } from '../runtime/safe-emit.js';
import { startTimer } from '../runtime/timers.js';
import { ChangeLog } from './change-log.js';
import { GuardedList, type GuardedUpdate } from './guarded-list.js';
import type { MembershipOptions } from './membership-options.js';
import type { MembershipState } from './membership-state.js';
import { ObserveLoop } from './observe-loop.js';
import { OutageClock } from './outage-clock.js';
import { RejectedRecords } from './rejected-records.js';
import type { Snapshot } from './snapshot.js';
import { SnapshotStore } from './snapshot-store.js';
import { emitSessionClosed, emitStateChange } from './state-events.js';
import { describeInstances, type WhyReport } from './why.js';

export type { MembershipState } from './membership-state.js';

const none = Object.freeze([]);

/** All watches of a service share one state. */
function freeze(state: MembershipState): MembershipState {
  Object.freeze(state.held);
  return Object.freeze(state);
}

/** The instances of one service, or of all services. */
export interface WatchScope {
  /** Name of the service; `*` for all. */
  readonly name: string;
  readonly observe: (session: ObserveSession) => AsyncIterable<ObservedSet>;
}

/**
 * The current instances of a service and where they come from. Keeps the last known good set during an outage of the
 * registry and publishes real changes only. All watches of a service on one registry handle share one.
 */
export class Membership extends EventEmitter<{ change: [MembershipState]; held: [readonly string[]] }> {
  readonly #location: string;
  /** The source of a set that an open session yields. */
  readonly #sessionSource: 'live' | 'static';
  readonly #service: string;
  readonly #log: Log;
  readonly #faults: FaultLog;
  readonly #list: GuardedList;
  readonly #clock = new OutageClock();
  readonly #snapshot: SnapshotStore | undefined;
  readonly #changeLog = new ChangeLog();
  readonly #rejected: RejectedRecords;
  readonly #counters = { published: 0, held: 0 };
  readonly #loop: ObserveLoop;
  #state: MembershipState = Object.freeze({ source: 'none', instances: none, held: none, since: new Date() });
  #confirmedAt: number | undefined;
  #isSeeded = false;
  #cancelReevaluation = () => {};

  constructor(
    backend: Pick<Backend, 'location' | 'isStatic'>,
    scope: WatchScope,
    options: MembershipOptions & { log: Log },
  ) {
    super();
    this.setMaxListeners(0);
    this.#location = backend.location;
    this.#sessionSource = backend.isStatic ? 'static' : 'live';
    this.#service = scope.name;
    this.#log = options.log;
    this.#faults = new FaultLog(options.log, `watch of ${scope.name} in ${backend.location}`);
    this.#list = new GuardedList(options.shrinkGuard);
    if (options.snapshot && !backend.isStatic)
      this.#snapshot = new SnapshotStore(options.snapshot, scope.name, options.log);
    this.#rejected = new RejectedRecords((message) => this.#warn(message));
    this.#loop = new ObserveLoop({
      location: backend.location,
      observe: scope.observe,
      backoff: options.backoff,
      relistMs: options.relistMs ?? 30_000,
      debounceMs: options.debounceMs ?? 5,
      onSet: (set, isFirst) => this.#onSet(set, isFirst),
      onFailure: (error) => this.#onFailure(error),
      onRejected: (key, reason) => this.#rejected.add(key, reason),
    });
  }

  get state(): MembershipState {
    return this.#state;
  }

  get status(): ListStatus {
    const { source, instances, held } = this.#state;
    const ageMs = this.#ageMs();
    return { service: this.#service, source, instances: instances.length, held: held.length, ageMs };
  }

  /** A hint that the list may be out of date: lists again, at most once a second. */
  refresh(): void {
    this.#loop.refresh();
  }

  why(): WhyReport {
    const { source, since, revision, lastError } = this.#state;
    return {
      service: this.#service,
      registry: this.#location,
      source,
      since: since.toISOString(),
      ageMs: this.#ageMs(),
      revision: revision ?? null,
      lastError: lastError ? { code: lastError.code, message: lastError.message } : null,
      instances: describeInstances(this.#list.reported, this.#state),
      rejected: this.#rejected.summary,
      counters: { sessions: this.#loop.sessions, ...this.#counters },
      changes: this.#changeLog.changes,
    };
  }

  /** Resolves when the session has ended and the snapshot is written. */
  async close(): Promise<void> {
    const ended = this.#loop.close();
    this.#cancelReevaluation();
    this.#faults.close();
    await ended;
    emitSessionClosed(this.#location, this.#service, this.#state);
    await this.#snapshot?.close();
  }

  async #onSet({ instances, ...about }: ObservedSet, isFirst: boolean): Promise<void> {
    await this.#seedGuard();
    if (this.#loop.isClosed) return;
    this.#faults.recovered();
    this.#confirmedAt = performance.now();
    this.#clock.endOutage();
    const { now, recoveryGraceMs } = this.#clock;
    this.#publish(this.#list.update(instances, now, recoveryGraceMs), about);
    // Also an unchanged set: the age of a snapshot counts from the last listing.
    if (isFirst) this.#snapshot?.save(this.#state.instances);
  }

  async #onFailure(error: DiscoveryError): Promise<void> {
    const snapshot = await this.#seedGuard();
    if (this.#loop.isClosed) return;
    this.#faults.fault(error);
    this.#clock.startOutage();
    // Instances that are held back stay: during an outage the registry cannot confirm that they are gone.
    this.#cancelReevaluation();
    const before = this.#state;
    if (before.source === 'none' && snapshot) return this.#startFromSnapshot(snapshot, error);
    const source = before.source === 'live' ? 'last-known-good' : before.source;
    const since = source === before.source ? before.since : new Date();
    this.#setState({ ...before, source, since, lastError: error });
  }

  /**
   * Before the first set: the guard compares that with the snapshot, so that a restart does not believe a registry that was
   * wiped meanwhile. Returns the snapshot.
   */
  async #seedGuard(): Promise<Snapshot | undefined> {
    const snapshot = await this.#snapshot?.earlier;
    if (!this.#isSeeded && snapshot) this.#list.update(snapshot.instances, this.#clock.now);
    this.#isSeeded = true;
    return snapshot;
  }

  #startFromSnapshot({ takenAt }: Snapshot, error: DiscoveryError): void {
    this.#warn(`starting from the snapshot of ${takenAt.toISOString()}`);
    const { instances } = this.#list;
    this.#setState({ source: 'snapshot', instances, held: none, since: takenAt, lastError: error });
  }

  #publish(
    { instances, newlyHeld, reevaluateInMs, ...update }: GuardedUpdate,
    about: Omit<ObservedSet, 'instances'>,
  ): void {
    if (newlyHeld.length > 0) {
      this.#counters.held += newlyHeld.length;
      this.#warn(`${newlyHeld.length} instances disappeared at once and are held back`, { held: newlyHeld });
      safeEmit(this, 'held', Object.freeze(newlyHeld), this.#log);
    }
    this.#cancelReevaluation();
    if (reevaluateInMs !== undefined) {
      this.#cancelReevaluation = startTimer(reevaluateInMs, () =>
        this.#publish(this.#list.reevaluate(this.#clock.now), about),
      );
    }
    const before = this.#state;
    // The list starts with the snapshot, which need not have been published.
    const diff =
      before.instances === update.before ? update.diff : diffInstances(before.instances, instances);
    const sameSource = before.source === this.#sessionSource;
    const state: MembershipState = {
      ...about,
      source: this.#sessionSource,
      instances,
      held: this.#list.held,
      since: sameSource ? before.since : new Date(),
    };
    const sameConfigs = before.serviceConfigs === state.serviceConfigs;
    if (isEmptyDiff(diff) && sameSource && sameConfigs) this.#enter(state, diff);
    else this.#setState(state, diff);
  }

  #setState(state: MembershipState, diff = diffInstances(this.#state.instances, state.instances)): void {
    const before = this.#state;
    this.#enter(state, diff);
    if (state.source !== before.source) this.#changeLog.addSource(state.source);
    if (!isEmptyDiff(diff)) {
      this.#counters.published += 1;
      this.#changeLog.addInstances(diff);
      if (state.source === 'live') this.#snapshot?.save(state.instances);
    }
    safeEmit(this, 'change', state, this.#log);
  }

  #enter(state: MembershipState, diff: InstanceDiff): void {
    const before = this.#state;
    this.#state = freeze(state);
    emitStateChange(this.#location, this.#service, { before, state, diff });
  }

  #ageMs(): number | null {
    const { source, since } = this.#state;
    if (source === 'snapshot') return Math.max(0, Date.now() - since.getTime());
    return this.#confirmedAt === undefined ? null : Math.round(performance.now() - this.#confirmedAt);
  }

  #warn(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#log('warn', `${this.#service}: ${message}`, fields);
  }
}
