import type { EventEmitter } from 'node:events';
import type { WhyReport } from './why.js';
import { type InstanceFilter, filterInstances } from '../model/instance-filter.js';
import { sameInstances } from '../model/instance-set.js';
import type { Membership } from './membership.js';
import type { MembershipState } from './membership-state.js';

/** A look at the instances of one service. Many may look: they share one session with the registry. */
export interface Watch {
  readonly service: string;
  readonly current: MembershipState;
  /** Calls `listener` on every change from now on, until the returned function is called or the watch closed. */
  onChange(listener: (state: MembershipState) => void): () => void;
  /** Calls `listener` with the ids of instances that went missing in a mass removal and are held from now on. */
  onHeld(listener: (ids: readonly string[]) => void): () => void;
  /** Resolves with the first state that the registry itself, or a snapshot, has told; rejects with the reason of `signal`. */
  ready(signal?: AbortSignal): Promise<MembershipState>;
  /** A hint that the list may be out of date: it is read anew, at most once a second. */
  refresh(): void;
  /** Why the list, before any filter, is what it is: source, age, last error, each instance and its reason, the last changes. */
  why(): WhyReport;
  /** Stops looking. Never hurts another watch. */
  close(): void;
}

/** A watch on a membership that others watch, too, through a filter of its own. */
export class SharedWatch implements Watch {
  readonly service: string;
  readonly #membership: Membership;
  readonly #filter: InstanceFilter;
  readonly #release: () => void;
  readonly #stops = new Set<() => void>();
  #open = true;

  constructor(service: string, membership: Membership, filter: InstanceFilter, release: () => void) {
    this.service = service;
    this.#membership = membership;
    this.#filter = filter;
    this.#release = release;
  }

  get current(): MembershipState {
    return this.#filtered(this.#membership.state);
  }

  onChange(listener: (state: MembershipState) => void): () => void {
    let before = this.current;
    return this.#on('change', (state: MembershipState) => {
      const now = this.#filtered(state);
      const same = differsInListOnly(before, now) && sameInstances(before.instances, now.instances);
      before = now;
      if (!same) listener(now);
    });
  }

  onHeld(listener: (ids: readonly string[]) => void): () => void {
    return this.#on('held', listener);
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

  why(): WhyReport {
    return this.#membership.why();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const stop of this.#stops) stop();
    this.#release();
  }

  #filtered(state: MembershipState): MembershipState {
    const instances = filterInstances(state.instances, this.#filter);
    return instances === state.instances ? state : { ...state, instances };
  }

  #on<T>(event: 'change' | 'held', listener: (news: T) => void): () => void {
    if (!this.#open) return () => {};
    // One more function, so that the same listener given twice is two listeners.
    const hear = (news: T) => listener(news);
    const emitter: EventEmitter = this.#membership;
    emitter.on(event, hear);
    const stop = () => {
      emitter.off(event, hear);
      this.#stops.delete(stop);
    };
    this.#stops.add(stop);
    return stop;
  }
}

/** Whether two states come from the same source with the same error, so that only their lists may differ. */
function differsInListOnly(a: MembershipState, b: MembershipState): boolean {
  return a.source === b.source && a.lastError === b.lastError;
}
