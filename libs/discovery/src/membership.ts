import { EventEmitter } from 'node:events';
import type { Backend, ObservedSet } from './backend.js';
import { Backoff, type BackoffOptions } from './backoff.js';
import { DiscoveryError } from './errors.js';
import type { Instance } from './instance.js';
import { normalise, sameInstances } from './instance-set.js';
import { FaultLog, type Log } from './log.js';
import { type Guarded, ShrinkGuard, type ShrinkGuardOptions } from './shrink-guard.js';
import { after, childOf, sleep } from './timer.js';

/**
 * - `none`: the registry has not said anything yet.
 * - `live`: a session with the registry is open, and this is what it says (and what the guard holds).
 * - `last-known-good`: the registry is away; this is what it said last.
 */
export type MembershipSource = 'none' | 'live' | 'last-known-good';

export interface MembershipState {
  readonly source: MembershipSource;
  /** Sorted by id; no id and no address twice; none that drains. */
  readonly instances: readonly Instance[];
  /** Ids of those that the registry no longer names and that are held for a while: see `ShrinkGuardOptions`. */
  readonly held: readonly string[];
  /** Since when `source` is what it is. */
  readonly since: Date;
  /** The registry's own mark of this state. */
  readonly revision?: string;
  /** Why the registry is away. */
  readonly lastError?: DiscoveryError;
}

export interface MembershipOptions {
  readonly guard?: ShrinkGuardOptions;
  readonly backoff?: BackoffOptions;
  /**
   * A session is closed and a new one opened, which lists anew, after this time and up to a fifth more, in ms.
   * Default 30,000. It bounds how long an error that nothing noticed can last.
   */
  readonly relistMs?: number;
  /** Changes that lie closer together than this are published as one, in ms; the first one at once. Default 5. */
  readonly coalesceMs?: number;
}

/** A hint to list anew is taken at most this often, in ms (grpc/grpc-node#2609: a caller may ask without pause). */
const refreshEveryMs = 1_000;
/** A session that lived this long, in ms, was a good one: the next failure starts from the shortest delay again. */
const stableAfterMs = 1_000;

/**
 * What the world looks like: the instances of one service, for as long as anyone wants to know. Opens sessions with
 * the backend, one after the other and for ever, and publishes only real changes. One for each (registry, service) in
 * a process, however many look at it.
 */
export class Membership extends EventEmitter<{ change: [MembershipState]; held: [readonly string[]] }> {
  readonly #location: string;
  readonly #observe: Backend['observe'];
  readonly #service: string;
  readonly #log: Log;
  readonly #faults: FaultLog;
  readonly #guard: ShrinkGuard;
  readonly #backoff: Backoff;
  readonly #relistMs: number;
  readonly #coalesceMs: number;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #rejected = 0;
  #state: MembershipState = { source: 'none', instances: [], held: [], since: new Date() };
  #reopen = () => {};
  #openedAt = -Infinity;
  #cancelReview = () => {};

  constructor(backend: Backend, service: string, options: MembershipOptions & { log: Log }) {
    super();
    this.setMaxListeners(0);
    this.#location = backend.location;
    this.#observe = backend.observe.bind(backend);
    this.#service = service;
    this.#log = options.log;
    this.#faults = new FaultLog(options.log, `watch of ${service} in ${backend.location}`);
    this.#guard = new ShrinkGuard(options.guard);
    this.#backoff = new Backoff(options.backoff);
    this.#relistMs = options.relistMs ?? 30_000;
    this.#coalesceMs = options.coalesceMs ?? 5;
    this.#ended = this.#run();
  }

  get state(): MembershipState {
    return this.#state;
  }

  /** A hint that the list may be out of date: lists anew, at most once a second. */
  refresh(): void {
    if (performance.now() - this.#openedAt >= refreshEveryMs) this.#reopen();
  }

  /** Ends the session. Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#cancelReview();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const session = childOf(signal);
      this.#reopen = () => session.abort();
      this.#openedAt = performance.now();
      const cancelRelist = after(this.#relistMs * (1 + Math.random() / 5), this.#reopen);
      const error = await this.#session(session.signal);
      cancelRelist();
      session.dispose();
      if (signal.aborted) return;
      if (error) {
        this.#lose(error);
        if (performance.now() - this.#openedAt >= stableAfterMs) this.#backoff.reset();
        await this.#pause(this.#backoff.next(), signal);
      }
    }
  }

  /** One session with the backend, from its first set to its end; returns why it failed. */
  async #session(signal: AbortSignal): Promise<DiscoveryError | undefined> {
    try {
      const rejected = (key: string, reason: DiscoveryError) => this.#reject(key, reason);
      for await (const set of this.#observe(this.#service, { signal, rejected })) {
        if (signal.aborted) return undefined;
        this.#accept(set);
        // The next set is made when we ask for it: what happens meanwhile is one change.
        await sleep(this.#coalesceMs, signal);
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
    const waiting = childOf(signal);
    this.#reopen = () => waiting.abort();
    await sleep(delayMs, waiting.signal);
    waiting.dispose();
  }

  #accept(set: ObservedSet): void {
    this.#faults.recovered();
    this.#publish('live', this.#guard.admit(normalise(set.instances), performance.now()), set.revision);
  }

  #lose(error: DiscoveryError): void {
    this.#faults.fault(error);
    this.#cancelReview();
    const source = this.#state.source === 'none' ? 'none' : 'last-known-good';
    this.#set({
      ...this.#state,
      source,
      since: this.#state.source === source ? this.#state.since : new Date(),
      lastError: error,
    });
  }

  #publish(source: 'live', guarded: Guarded, revision: string | undefined): void {
    if (guarded.newlyHeld.length > 0) {
      this.#log(
        'warn',
        `${this.#service}: ${guarded.newlyHeld.length} instances went missing at once and are held`,
        {
          held: guarded.newlyHeld,
        },
      );
      this.emit('held', guarded.newlyHeld);
    }
    this.#cancelReview();
    if (guarded.reviewInMs !== undefined) {
      this.#cancelReview = after(guarded.reviewInMs, () => {
        this.#publish(source, this.#guard.review(performance.now()), revision);
      });
    }
    const instances = normalise(guarded.instances);
    const unchanged = this.#state.source === source && sameInstances(instances, this.#state.instances);
    const state: MembershipState = {
      source,
      instances: unchanged ? this.#state.instances : instances,
      held: this.#guard.held,
      since: this.#state.source === source ? this.#state.since : new Date(),
      ...(revision !== undefined && { revision }),
    };
    if (unchanged) this.#state = state;
    else this.#set(state);
  }

  #set(state: MembershipState): void {
    this.#state = state;
    this.emit('change', state);
  }

  #reject(key: string, reason: DiscoveryError): void {
    this.#rejected += 1;
    if ((this.#rejected & (this.#rejected - 1)) !== 0) return;
    this.#log(
      'warn',
      `${this.#service}: left out record ${key}: ${reason.message} (${this.#rejected} so far)`,
    );
  }
}
