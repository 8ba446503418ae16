import { status } from '@grpc/grpc-js';
import type { EventInstance } from '../../events/discovery-events.js';
import { events } from '../../events/event-source.js';
import { startTimer } from '../../runtime/timers.js';
import type { OutlierDetection } from './outlier-detection.js';

/** The calls of one endpoint since the last check, and its ejection. */
export class CallOutcomes {
  readonly service: string;
  readonly instance: EventInstance;
  /** Of the channel. */
  readonly target: string | undefined;
  calls = 0;
  failures = 0;
  /** When it was ejected, monotonic, in ms; undefined while it is not. */
  ejectedAt: number | undefined;
  /** How many base times the next ejection takes: it grows with each one, and shrinks with each check without one. */
  multiplier = 0;

  constructor(service: string, instance: EventInstance, target?: string) {
    this.service = service;
    this.instance = instance;
    this.target = target;
  }

  count(code: status): void {
    this.calls += 1;
    if (code !== status.OK) this.failures += 1;
  }
}

/**
 * Outlier detection by failure percentage as in gRFC A50, with the meaning that grpc-js gives to its settings. Unlike the
 * policy of grpc-js it costs nothing when the list changes, and allocates nothing for a call.
 */
export class OutlierDetector {
  readonly #settings: Required<OutlierDetection>;
  readonly #onChange: () => void;
  readonly #endpoints = new Set<CallOutcomes>();
  #ejected = 0;
  #cancelCheck = () => {};

  /** Calls `onChange` when endpoints were ejected or returned. */
  constructor(settings: Required<OutlierDetection>, onChange: () => void) {
    this.#settings = settings;
    this.#onChange = onChange;
  }

  get hasEjected(): boolean {
    return this.#ejected > 0;
  }

  add(endpoint: CallOutcomes): void {
    if (this.#endpoints.size === 0) this.#scheduleCheck();
    this.#endpoints.add(endpoint);
  }

  remove(endpoint: CallOutcomes): void {
    this.#endpoints.delete(endpoint);
    if (endpoint.ejectedAt !== undefined) this.#ejected -= 1;
    if (this.#endpoints.size === 0) this.#cancelCheck();
  }

  #scheduleCheck(): void {
    this.#cancelCheck = startTimer(this.#settings.intervalMs, () => {
      this.#scheduleCheck();
      this.#check();
    });
  }

  #check(): void {
    const { requestVolume, minimumHosts } = this.#settings;
    const now = performance.now();
    let hasChanged = false;
    const called = [...this.#endpoints].filter(({ calls }) => calls >= requestVolume);
    if (called.length >= minimumHosts) {
      for (const endpoint of called) {
        if (this.#ejectedPercent >= this.#settings.maxEjectionPercent) break;
        if (this.#isOutlier(endpoint)) hasChanged = this.#eject(endpoint, now) || hasChanged;
      }
    }
    for (const endpoint of this.#endpoints) {
      endpoint.calls = endpoint.failures = 0;
      if (endpoint.ejectedAt === undefined) endpoint.multiplier = Math.max(0, endpoint.multiplier - 1);
      else if (now > this.#endOfEjection(endpoint)) hasChanged = this.#return(endpoint);
    }
    if (hasChanged) this.#onChange();
  }

  get #ejectedPercent(): number {
    return (this.#ejected * 100) / this.#endpoints.size;
  }

  #isOutlier({ calls, failures }: CallOutcomes): boolean {
    return (failures * 100) / calls > this.#settings.failureThresholdPercent;
  }

  #endOfEjection({ ejectedAt = 0, multiplier }: CallOutcomes): number {
    const { baseEjectionMs, maxEjectionMs } = this.#settings;
    return ejectedAt + Math.min(baseEjectionMs * multiplier, maxEjectionMs);
  }

  /** Of an ejected endpoint, which calls reach when no other one is connected, it prolongs the ejection. Returns whether it is new. */
  #eject(endpoint: CallOutcomes, now: number): boolean {
    const isNew = endpoint.ejectedAt === undefined;
    endpoint.ejectedAt = now;
    endpoint.multiplier += 1;
    if (isNew) {
      this.#ejected += 1;
      report('ejected', endpoint);
    }
    return isNew;
  }

  #return(endpoint: CallOutcomes): true {
    endpoint.ejectedAt = undefined;
    this.#ejected -= 1;
    report('returned', endpoint);
    return true;
  }
}

function report(state: 'ejected' | 'returned', endpoint: CallOutcomes): void {
  if (!events.ejection.hasListeners) return;
  const { service, instance, target, calls, failures } = endpoint;
  const counts = state === 'ejected' ? { calls, failedCalls: failures } : {};
  const about = { service, instance, ...(target !== undefined && { target }) };
  events.ejection.emit({ type: 'ejection', state, ...about, ...counts });
}
