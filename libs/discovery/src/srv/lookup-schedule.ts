import { Backoff } from '../runtime/backoff.js';
import { sleep } from '../runtime/timers.js';

/** The longest delay after failed lookups, as a multiple of the shortest interval. */
const maxBackoffFactor = 5;

interface Schedule {
  /** When the service may be looked up next, on the monotonic clock. */
  allowedAt: number;
  readonly backoff: Backoff;
}

/**
 * Keeps an interval between the lookups of each service, across the sessions that observe it: a hint opens a new session, and
 * grpc-js gives hints without pause while an endpoint does not connect (grpc/grpc-node#2609).
 */
export class LookupSchedule {
  readonly #minIntervalMs: number;
  readonly #schedules = new Map<string, Schedule>();

  constructor(minIntervalMs: number) {
    this.#minIntervalMs = minIntervalMs;
  }

  /** Runs `lookup` as soon as it may. Undefined when `signal` aborts before that. */
  async run<T>(service: string, lookup: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const schedule = this.#scheduleOf(service);
    while (schedule.allowedAt > performance.now()) {
      await sleep(schedule.allowedAt - performance.now(), signal);
      if (signal.aborted) return undefined;
    }
    schedule.allowedAt = performance.now() + this.#minIntervalMs;
    try {
      const result = await lookup();
      schedule.backoff.reset();
      return result;
    } catch (error) {
      if (!signal.aborted) schedule.allowedAt = performance.now() + schedule.backoff.next();
      throw error;
    }
  }

  #scheduleOf(service: string): Schedule {
    const known = this.#schedules.get(service);
    if (known) return known;
    for (const [name, { allowedAt }] of this.#schedules)
      if (allowedAt < performance.now()) this.#schedules.delete(name);
    const initialMs = this.#minIntervalMs;
    const backoff = new Backoff({ initialMs, maxMs: maxBackoffFactor * initialMs });
    const schedule = { allowedAt: -Infinity, backoff };
    this.#schedules.set(service, schedule);
    return schedule;
  }
}
