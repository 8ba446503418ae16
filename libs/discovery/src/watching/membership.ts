import { EventEmitter } from 'node:events';
import type { Backend, ObservedSet, ObserveSession } from '../backend/backend.js';
import type { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { normalizeInstances, sameInstances } from '../model/instance-set.js';
import { FaultLog, type Log } from '../runtime/log.js';
import { safeEmit } from '../runtime/safe-emit.js';
import { sleep, startTimer } from '../runtime/timers.js';
import { ChangeLog } from './change-log.js';
import type { MembershipOptions } from './membership-options.js';
import type { MembershipState } from './membership-state.js';
import { ObserveLoop } from './observe-loop.js';
import { OutageClock } from './outage-clock.js';
import { RejectedRecords } from './rejected-records.js';
import type { GuardedSet } from './shrink-guard.js';
import { ShrinkGuards } from './shrink-guards.js';
import { type Snapshot, SnapshotFile } from './snapshot.js';
import { emitSessionClosed, emitStateChange } from './state-events.js';
import { describeInstances, type WhyReport } from './why.js';

export type { MembershipState } from './membership-state.js';

/** The snapshot is ignored if it is not read within this time, in ms. */
const readSnapshotWithinMs = 1_000;

const none = Object.freeze([]);

/** All watches of a service share one state. */
function freeze(state: MembershipState): MembershipState {
  Object.freeze(state.instances);
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
  readonly #guard: ShrinkGuards;
  readonly #clock = new OutageClock();
  readonly #snapshot: SnapshotFile | undefined;
  /** What an earlier process saved. */
  readonly #earlier: Promise<Snapshot | undefined>;
  readonly #snapshotFaults: FaultLog;
  readonly #changeLog = new ChangeLog();
  readonly #rejected: RejectedRecords;
  readonly #counters = { published: 0, held: 0 };
  readonly #loop: ObserveLoop;
  #state: MembershipState = Object.freeze({ source: 'none', instances: none, held: none, since: new Date() });
  /** What the registry listed last, as it is. */
  #reported: readonly Instance[] = [];
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
    this.#guard = new ShrinkGuards(options.shrinkGuard);
    if (options.snapshot && !backend.isStatic)
      this.#snapshot = new SnapshotFile(options.snapshot, scope.name);
    this.#snapshotFaults = new FaultLog(options.log, `${scope.name}: writing the snapshot`);
    this.#earlier = this.#readSnapshot();
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
      instances: describeInstances(this.#reported, this.#state),
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
    this.#snapshotFaults.close();
    await ended;
    emitSessionClosed(this.#location, this.#service, this.#state);
    await this.#snapshot?.settled();
  }

  async #onSet({ instances, revision }: ObservedSet, isFirst: boolean): Promise<void> {
    await this.#seedGuard();
    if (this.#loop.isClosed) return;
    this.#faults.recovered();
    this.#reported = instances;
    this.#confirmedAt = performance.now();
    this.#clock.endOutage();
    const { now, recoveryGraceMs } = this.#clock;
    this.#publish(this.#guard.update(normalizeInstances(instances), now, recoveryGraceMs), revision);
    // Also an unchanged set: the age of a snapshot counts from the last listing.
    if (isFirst) this.#writeSnapshot(this.#state.instances);
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

  /** Undefined if there is no usable snapshot. Does not reject, and is bounded: a directory on a network can hang. */
  async #readSnapshot(): Promise<Snapshot | undefined> {
    if (!this.#snapshot) return undefined;
    try {
      return (await Promise.race([this.#snapshot.read(), sleep(readSnapshotWithinMs)])) ?? undefined;
    } catch (reason) {
      const message = reason instanceof Error ? reason.message : String(reason);
      this.#warn(`${message}; starting without a snapshot`);
      return undefined;
    }
  }

  /**
   * Before the first set: the guard compares that with the snapshot, so that a restart does not believe a registry that was
   * wiped meanwhile. Returns the snapshot.
   */
  async #seedGuard(): Promise<Snapshot | undefined> {
    const snapshot = this.#snapshot && (await this.#earlier);
    if (!this.#isSeeded && snapshot)
      this.#guard.update(normalizeInstances(snapshot.instances), this.#clock.now);
    this.#isSeeded = true;
    return snapshot;
  }

  #startFromSnapshot({ instances, takenAt }: Snapshot, error: DiscoveryError): void {
    this.#warn(`starting from the snapshot of ${takenAt.toISOString()}`);
    this.#setState({
      source: 'snapshot',
      instances: normalizeInstances(instances),
      held: none,
      since: takenAt,
      lastError: error,
    });
  }

  #publish({ instances, newlyHeld, reevaluateInMs }: GuardedSet, revision: string | undefined): void {
    if (newlyHeld.length > 0) {
      this.#counters.held += newlyHeld.length;
      this.#warn(`${newlyHeld.length} instances disappeared at once and are held back`, { held: newlyHeld });
      safeEmit(this, 'held', Object.freeze(newlyHeld), this.#log);
    }
    this.#cancelReevaluation();
    if (reevaluateInMs !== undefined) {
      this.#cancelReevaluation = startTimer(reevaluateInMs, () =>
        this.#publish(this.#guard.reevaluate(this.#clock.now), revision),
      );
    }
    const before = this.#state;
    const same = sameInstances(instances, before.instances);
    const sameSource = before.source === this.#sessionSource;
    const state: MembershipState = {
      source: this.#sessionSource,
      instances: same ? before.instances : instances,
      held: this.#guard.held,
      since: sameSource ? before.since : new Date(),
      ...(revision !== undefined && { revision }),
    };
    if (same && sameSource) this.#enter(state);
    else this.#setState(state);
  }

  #setState(state: MembershipState): void {
    const before = this.#state;
    this.#enter(state);
    if (state.source !== before.source) this.#changeLog.addSource(state.source);
    if (state.instances !== before.instances) {
      this.#counters.published += 1;
      this.#changeLog.addInstances(before.instances, state.instances);
      if (state.source === 'live') this.#writeSnapshot(state.instances);
    }
    safeEmit(this, 'change', state, this.#log);
  }

  #enter(state: MembershipState): void {
    const before = this.#state;
    this.#state = freeze(state);
    emitStateChange(this.#location, this.#service, before, state);
  }

  #ageMs(): number | null {
    const { source, since } = this.#state;
    if (source === 'snapshot') return Math.max(0, Date.now() - since.getTime());
    return this.#confirmedAt === undefined ? null : Math.round(performance.now() - this.#confirmedAt);
  }

  #writeSnapshot(instances: readonly Instance[]): void {
    this.#snapshot?.write(instances).then(
      () => this.#snapshotFaults.recovered(),
      (error: Error) => this.#snapshotFaults.fault(error),
    );
  }

  #warn(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#log('warn', `${this.#service}: ${message}`, fields);
  }
}
