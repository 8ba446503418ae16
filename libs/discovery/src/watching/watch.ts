import { type EventEmitter, setMaxListeners } from 'node:events';
import { DiscoveryError } from '../model/errors.js';
import { type InstanceFilter, filterInstances } from '../model/instance-filter.js';
import { sameInstances } from '../model/instance-set.js';
import { keepProcessAlive } from '../runtime/timers.js';
import type { Membership } from './membership.js';
import type { MembershipState } from './membership-state.js';
import type { WhyReport } from './why.js';

/** The instances of one service as they change. All watches of a service share one session with the registry. */
export interface Watch {
  readonly service: string;
  readonly current: MembershipState;
  /** Calls `listener` on every change from now on, until the returned function is called or the watch is closed. */
  onChange(listener: (state: MembershipState) => void): () => void;
  /** Calls `listener` with the ids of instances that disappeared in a mass removal and are held back from now on. */
  onHeld(listener: (ids: readonly string[]) => void): () => void;
  /**
   * Resolves with the first state from the registry or a snapshot. Rejects with the reason of `signal`, and with CLOSED when
   * the watch or the registry is closed. Keeps the process alive meanwhile.
   */
  ready(signal?: AbortSignal): Promise<MembershipState>;
  /** A hint that the list may be out of date: lists again, at most once a second. */
  refresh(): void;
  /** Explains the list before any filter: source, age, last error, the reason for each instance, the last changes. */
  why(): WhyReport;
  /** Does not affect other watches. */
  close(): void;
}

/** A watch on a shared membership, with a filter of its own. */
export class SharedWatch implements Watch {
  readonly service: string;
  readonly #membership: Membership;
  readonly #filter: InstanceFilter;
  readonly #release: () => void;
  readonly #unsubscribes = new Set<() => void>();
  readonly #closed = new AbortController();

  constructor(service: string, membership: Membership, filter: InstanceFilter, release: () => void) {
    this.service = service;
    this.#membership = membership;
    this.#filter = filter;
    this.#release = release;
    setMaxListeners(0, this.#closed.signal);
  }

  get current(): MembershipState {
    return this.#applyFilter(this.#membership.state);
  }

  onChange(listener: (state: MembershipState) => void): () => void {
    let before = this.current;
    return this.#subscribe('change', (state: MembershipState) => {
      const now = this.#applyFilter(state);
      // Without a filter, another list is a change.
      const sameList =
        before.instances === now.instances ||
        (now !== state && sameInstances(before.instances, now.instances));
      const same =
        sameList &&
        before.source === now.source &&
        before.lastError === now.lastError &&
        before.serviceConfigs === now.serviceConfigs;
      before = now;
      // Returned, so that the rejection of an async listener is handled.
      return same ? undefined : listener(now);
    });
  }

  onHeld(listener: (ids: readonly string[]) => void): () => void {
    return this.#subscribe('held', listener);
  }

  ready(signal?: AbortSignal): Promise<MembershipState> {
    return keepProcessAlive(
      new Promise((resolve, reject) => {
        const signals = signal ? [this.#closed.signal, signal] : [this.#closed.signal];
        const settle = () => {
          const aborted = signals.find((each) => each.aborted);
          if (!aborted && this.current.source === 'none') return;
          unsubscribe();
          for (const each of signals) each.removeEventListener('abort', settle);
          if (aborted) reject(aborted.reason as Error);
          else resolve(this.current);
        };
        const unsubscribe = this.onChange(settle);
        for (const each of signals) each.addEventListener('abort', settle);
        settle();
      }),
    );
  }

  refresh(): void {
    this.#membership.refresh();
  }

  why(): WhyReport {
    return this.#membership.why();
  }

  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new DiscoveryError('CLOSED', `the watch of ${this.service} was closed`));
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    this.#release();
  }

  #applyFilter(state: MembershipState): MembershipState {
    const instances = filterInstances(state.instances, this.#filter);
    return instances === state.instances ? state : Object.freeze({ ...state, instances });
  }

  #subscribe<T>(event: 'change' | 'held', listener: (payload: T) => void): () => void {
    if (this.#closed.signal.aborted) return () => {};
    // A new function each time, so that a listener that is given twice counts as two.
    const handler = (payload: T) => listener(payload);
    const emitter: EventEmitter = this.#membership;
    emitter.on(event, handler);
    const unsubscribe = () => {
      emitter.off(event, handler);
      this.#unsubscribes.delete(unsubscribe);
    };
    this.#unsubscribes.add(unsubscribe);
    return unsubscribe;
  }
}
