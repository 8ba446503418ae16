import { EventEmitter } from 'node:events';
import type { Backend, ObservedSet, ObserveSession } from '../backend/backend.js';
import { Backoff } from '../runtime/backoff.js';
import { DiscoveryError } from '../model/errors.js';
import { describeError, describeInstances, type WhyReport } from './why.js';
import { ShrinkGuards } from './shrink-guards.js';
import type { Instance } from '../model/instance.js';
import { normalizeInstances, sameInstances } from '../model/instance-set.js';
import { ChangeLog } from './change-log.js';
import { FaultLog, type Log } from '../runtime/log.js';
import type { MembershipOptions } from './membership-options.js';
import type { MembershipState } from './membership-state.js';
import { Debounce } from './debounce.js';
import { RejectedRecords } from './rejected-records.js';
import type { GuardedSet } from './shrink-guard.js';
import { SnapshotFile } from './snapshot.js';
import { safeEmit } from '../runtime/safe-emit.js';
import { startTimer, childAbortController, sleep } from '../runtime/timers.js';

export type { MembershipSource, MembershipState } from './membership-state.js';

/** A hint to list anew is taken at most this often, in ms (grpc/grpc-node#2609: a caller may ask without pause). */
const refreshEveryMs = 1_000;
/** A session that lived this long, in ms, was a good one: the next failure starts from the shortest delay again. */
const stableAfterMs = 1_000;
/**
 * After an outage the living have this long to put themselves into the registry again, in ms, before one that is missing
 * is believed to be gone: they need up to a second, some of them more on a busy machine.
 */
const returnMs = 2_000;

/** What a membership looks at: the instances of one service, or of all. */
export interface WatchScope {
  /** Name of the service; `*` for all of them. */
  readonly name: string;
  readonly observe: (session: ObserveSession) => AsyncIterable<ObservedSet>;
}

/**
 * What the world looks like: the instances of one service, for as long as anyone wants to know. Opens sessions with
 * the backend, one after the other and for ever, and publishes only real changes. One for each (registry, service) in
 * a process, however many look at it.
 */
export class Membership extends EventEmitter<{ change: [MembershipState]; held: [readonly string[]] }> {
  readonly #location: string;
  /** What a list is called that an open session tells. */
  readonly #source: 'live' | 'static';
  readonly #subject: WatchScope;
  readonly #log: Log;
  readonly #faults: FaultLog;
  readonly #guard: ShrinkGuards;
  readonly #backoff: Backoff;
  readonly #snapshot: SnapshotFile | undefined;
  readonly #relistMs: number;
  readonly #coalesceMs: number;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  readonly #journal = new ChangeLog();
  readonly #rejected: RejectedRecords;
  readonly #counters = { sessions: 0, published: 0, held: 0 };
  #state: MembershipState = { source: 'none', instances: [], held: [], since: new Date() };
  #told: readonly Instance[] = [];
  #confirmedAt: number | undefined;
  /** How long the registry was away in all, in ms, since when it is, and when it came back last. */
  readonly #away = { forMs: 0, since: undefined as number | undefined, backAt: -Infinity };
  #reopen = () => {};
  #openedAt = -Infinity;
  #cancelReview = () => {};

  constructor(
    backend: Pick<Backend, 'location' | 'isStatic'>,
    subject: WatchScope,
    options: MembershipOptions & { log: Log },
  ) {
    super();
    this.setMaxListeners(0);
    this.#location = backend.location;
    this.#source = backend.isStatic ? 'static' : 'live';
    this.#subject = subject;
    this.#log = options.log;
    this.#faults = new FaultLog(options.log, `watch of ${subject.name} in ${backend.location}`);
    this.#guard = new ShrinkGuards(options.shrinkGuard);
    this.#backoff = new Backoff(options.backoff);
    this.#snapshot = options.snapshot && new SnapshotFile(options.snapshot, subject.name);
    this.#rejected = new RejectedRecords((message) => this.#log('warn', `${subject.name}: ${message}`));
    this.#relistMs = options.relistMs ?? 30_000;
    this.#coalesceMs = options.debounceMs ?? 5;
    this.#ended = this.#run();
  }

  get state(): MembershipState {
    return this.#state;
  }

  /** A hint that the list may be out of date: lists anew, at most once a second. */
  refresh(): void {
    if (performance.now() - this.#openedAt >= refreshEveryMs) this.#reopen();
  }

  /** Why the list is what it is. */
  why(): WhyReport {
    const { source, since, revision, lastError } = this.#state;
    return {
      service: this.#subject.name,
      registry: this.#location,
      source,
      since: since.toISOString(),
      ageMs: this.#ageMs(),
      revision: revision ?? null,
      lastError: describeError(lastError),
      instances: describeInstances(this.#told, this.#state),
      rejected: this.#rejected.summary,
      counters: { ...this.#counters },
      changes: this.#journal.changes,
    };
  }

  /** Ends the session. Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#cancelReview();
    await this.#ended;
    await this.#snapshot?.settled();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const session = childAbortController(signal);
      this.#reopen = () => session.abort();
      this.#openedAt = performance.now();
      const cancelRelist = startTimer(this.#relistMs * (1 + Math.random() / 5), this.#reopen);
      const error = await this.#session(session.signal);
      cancelRelist();
      session.dispose();
      if (signal.aborted) return;
      if (error) {
        await this.#lose(error);
        if (performance.now() - this.#openedAt >= stableAfterMs) this.#backoff.reset();
        await this.#pause(this.#backoff.next(), signal);
      }
    }
  }

  /** One session with the backend, from its first set to its end; returns why it failed. */
  async #session(signal: AbortSignal): Promise<DiscoveryError | undefined> {
    this.#counters.sessions += 1;
    try {
      const rejected = (key: string, reason: DiscoveryError) => this.#rejected.add(key, reason);
      const pace = new Debounce(this.#coalesceMs);
      for await (const set of this.#subject.observe({ signal, rejected })) {
        if (signal.aborted) return undefined;
        pace.arrived();
        this.#accept(set);
        // Also what did not change: the age of a snapshot counts from when the registry listed it last.
        if (pace.arrivals === 1) this.#keep(this.#state.instances);
        // The next set is made when we ask for it: what happens meanwhile is one change.
        await sleep(pace.restMs, signal);
        pace.rested();
      }
      return signal.aborted
        ? undefined
        : new DiscoveryError('REGISTRY_UNAVAILABLE', `${this.#location} ended the session`);
    } catch (error) {
      return signal.aborted ? undefined : DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', this.#location);
    }
  }

  /** Waits, unless somebody asks for a refresh. */
  async #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    const waiting = childAbortController(signal);
    this.#reopen = () => waiting.abort();
    await sleep(delayMs, waiting.signal);
    waiting.dispose();
  }

  #accept(set: ObservedSet): void {
    this.#faults.recovered();
    this.#told = set.instances;
    this.#confirmedAt = performance.now();
    if (this.#away.since !== undefined) {
      this.#away.forMs += this.#confirmedAt - this.#away.since;
      this.#away.since = undefined;
      this.#away.backAt = this.#confirmedAt;
    }
    const settle = this.#confirmedAt - this.#away.backAt < returnMs ? returnMs : undefined;
    this.#publish(
      this.#guard.admit(normalizeInstances(set.instances), this.#guardedAt(), settle),
      set.revision,
    );
  }

  /**
   * The guard's clock, which stands still while the registry is away: what was missing before has its full time to come
   * back afterwards.
   */
  #guardedAt(): number {
    return (this.#away.since ?? performance.now()) - this.#away.forMs;
  }

  #ageMs(): number | null {
    const { source, since } = this.#state;
    if (source === 'snapshot') return Date.now() - since.getTime();
    return this.#confirmedAt === undefined ? null : Math.round(performance.now() - this.#confirmedAt);
  }

  async #lose(error: DiscoveryError): Promise<void> {
    this.#faults.fault(error);
    this.#away.since ??= performance.now();
    // While the registry is away nobody can say that those who are held are not there.
    this.#cancelReview();
    const before = this.#state;
    if (before.source === 'none' && before.lastError === undefined && this.#snapshot) {
      return this.#fallBack(this.#snapshot, error);
    }
    const source = before.source === 'live' ? 'last-known-good' : before.source;
    this.#set({
      ...before,
      source,
      since: source === before.source ? before.since : new Date(),
      lastError: error,
    });
  }

  /** The first session failed: what an earlier process knew is better than nothing. */
  async #fallBack(file: SnapshotFile, error: DiscoveryError): Promise<void> {
    const snapshot = await file.read().catch((reason: unknown) => {
      this.#log(
        'warn',
        `${this.#subject.name}: ${reason instanceof Error ? reason.message : String(reason)}; starts without it`,
      );
      return undefined;
    });
    if (!snapshot) return this.#set({ ...this.#state, lastError: error });
    this.#log('warn', `${this.#subject.name}: starts from the snapshot of ${snapshot.takenAt.toISOString()}`);
    // The guard learns it too: a registry that comes back empty is not believed at once.
    const { instances } = this.#guard.admit(normalizeInstances(snapshot.instances), this.#guardedAt());
    this.#set({ source: 'snapshot', instances, held: [], since: snapshot.takenAt, lastError: error });
  }

  #publish(guarded: GuardedSet, revision: string | undefined): void {
    if (guarded.newlyHeld.length > 0) {
      this.#counters.held += guarded.newlyHeld.length;
      this.#log(
        'warn',
        `${this.#subject.name}: ${guarded.newlyHeld.length} instances went missing at once and are held`,
        {
          held: guarded.newlyHeld,
        },
      );
      safeEmit(this, 'held', guarded.newlyHeld, this.#log);
    }
    this.#cancelReview();
    if (guarded.reviewInMs !== undefined) {
      this.#cancelReview = startTimer(guarded.reviewInMs, () =>
        this.#publish(this.#guard.review(this.#guardedAt()), revision),
      );
    }
    const before = this.#state;
    const { instances } = guarded;
    const same = sameInstances(instances, before.instances);
    const state: MembershipState = {
      source: this.#source,
      instances: same ? before.instances : instances,
      held: this.#guard.held,
      since: before.source === this.#source ? before.since : new Date(),
      ...(revision !== undefined && { revision }),
    };
    if (same && before.source === this.#source) this.#state = state;
    else this.#set(state);
  }

  #set(state: MembershipState): void {
    const before = this.#state;
    this.#state = state;
    if (state.source !== before.source) this.#journal.source(state.source);
    if (state.instances !== before.instances) {
      this.#counters.published += 1;
      this.#journal.instances(before.instances, state.instances);
      if (state.source === 'live') this.#keep(state.instances);
    }
    safeEmit(this, 'change', state, this.#log);
  }

  #keep(instances: readonly Instance[]): void {
    this.#snapshot?.write(instances).catch((error: unknown) => {
      this.#log('warn', `${this.#subject.name}: the snapshot cannot be written: ${String(error)}`);
    });
  }
}
