import { LinkedList, type ListEntry } from '../runtime/linked-list.js';
import { startTimerAfterReading } from '../runtime/timers.js';
import type { EndpointHealth } from './endpoint-health.js';
import { ResponseTimes } from './response-times.js';

/** How often attempts that are overdue are looked at again, in ms. */
const recheckMs = 20;

/** How many methods are distinguished; the others count as one. */
const maxMethods = 1_000;

/** An attempt that was sent. */
export interface MonitoredAttempt {
  readonly health: EndpointHealth;
  /** Monotonic, in ms. */
  readonly sentAt: number;
  /** It is overdue after this time at the latest, in ms. */
  readonly patienceMs: number;
  /** Set while it is in flight, by its {@link MethodMonitor}. */
  inFlight: ListEntry<MonitoredAttempt> | undefined;
  /** Called again every {@link recheckMs} while it is in flight. */
  onOverdue(): void;
}

/** Watches the attempts of a client for those that take far longer than others of the same method. */
export class AttemptMonitor {
  readonly #methods = new Map<string, MethodMonitor>();
  /** When the latest attempt was sent that was answered; monotonic, in ms. */
  latestAnswered = 0;

  method(name: string): MethodMonitor {
    const key = this.#methods.has(name) || this.#methods.size < maxMethods ? name : '';
    let method = this.#methods.get(key);
    if (!method) this.#methods.set(key, (method = new MethodMonitor(this)));
    return method;
  }
}

export class MethodMonitor {
  readonly #client: AttemptMonitor;
  readonly #times = new ResponseTimes();
  readonly #inFlight = new LinkedList<MonitoredAttempt>();
  /** When the attempts are looked at next; monotonic, in ms. */
  #nextCheckAt = Infinity;
  #cancelCheck = () => {};

  constructor(client: AttemptMonitor) {
    this.#client = client;
  }

  sent(attempt: MonitoredAttempt): void {
    attempt.inFlight = this.#inFlight.add(attempt);
    const waitMs = Math.min(this.#times.overdueMs, attempt.patienceMs);
    if (attempt.sentAt + waitMs < this.#nextCheckAt) this.#checkIn(waitMs);
  }

  /** The attempt was answered, which is also the answer to its call. */
  answered(attempt: MonitoredAttempt): void {
    this.#times.add(performance.now() - attempt.sentAt);
    if (attempt.sentAt > this.#client.latestAnswered) this.#client.latestAnswered = attempt.sentAt;
    this.ended(attempt);
  }

  /** The attempt has failed, or it is not needed any more. */
  ended(attempt: MonitoredAttempt): void {
    if (!attempt.inFlight) return;
    this.#inFlight.remove(attempt.inFlight);
    attempt.inFlight = undefined;
  }

  /** Another endpoint has answered the call of this attempt, although it was asked later. */
  overtaken(attempt: MonitoredAttempt): void {
    this.#doubt(attempt, true);
    this.ended(attempt);
  }

  #checkIn(ms: number): void {
    this.#cancelCheck();
    this.#nextCheckAt = performance.now() + ms;
    this.#cancelCheck = startTimerAfterReading(ms, () => this.#check());
  }

  #check(): void {
    this.#nextCheckAt = Infinity;
    const { overdueMs } = this.#times;
    const now = performance.now();
    let nextMs = Infinity;
    for (const attempt of this.#inFlight.toArray()) {
      if (!attempt.inFlight) continue;
      const leftMs = attempt.sentAt + Math.min(overdueMs, attempt.patienceMs) - now;
      if (leftMs <= 0) {
        attempt.onOverdue();
        this.#doubt(attempt, false);
      }
      nextMs = Math.min(nextMs, Math.max(leftMs, recheckMs));
    }
    if (!this.#inFlight.isEmpty) this.#checkIn(nextMs);
  }

  #doubt({ health, sentAt }: MonitoredAttempt, overtaken: boolean): void {
    if (health.lastReadAt < sentAt && this.#client.latestAnswered > sentAt)
      health.doubt(this.#times.overdueMs, overtaken);
  }
}
