import { type EndpointHealth, startTimerAfterReading } from './endpoint-health.js';
import { ResponseTimes } from './response-times.js';

/** How often attempts that are overdue are looked at again, in ms. */
const recheckMs = 20;

/** An attempt that was sent. */
export interface MonitoredAttempt {
  readonly health: EndpointHealth;
  /** Monotonic, in ms. */
  readonly sentAt: number;
  /** Called again every {@link recheckMs} while it is in flight. */
  onOverdue(): void;
}

/** Watches the attempts of a client for those that take far longer than others of the same method. */
export class AttemptMonitor {
  readonly #methods = new Map<string, MethodMonitor>();
  /** When the latest attempt was sent that was answered; monotonic, in ms. */
  latestAnswered = 0;

  method(path: string): MethodMonitor {
    let method = this.#methods.get(path);
    if (!method) this.#methods.set(path, (method = new MethodMonitor(this)));
    return method;
  }
}

export class MethodMonitor {
  readonly #client: AttemptMonitor;
  readonly #times = new ResponseTimes();
  /** In the order in which they were sent. */
  readonly #inFlight = new Set<MonitoredAttempt>();
  #checking = false;

  constructor(client: AttemptMonitor) {
    this.#client = client;
  }

  sent(attempt: MonitoredAttempt): void {
    this.#inFlight.add(attempt);
    if (!this.#checking) this.#checkIn(this.#times.overdueMs);
  }

  /** The attempt was answered, which is also the answer to its call. */
  answered(attempt: MonitoredAttempt): void {
    this.#times.add(performance.now() - attempt.sentAt);
    if (attempt.sentAt > this.#client.latestAnswered) this.#client.latestAnswered = attempt.sentAt;
    this.#inFlight.delete(attempt);
  }

  /** The attempt has failed, or it is not needed any more. */
  ended(attempt: MonitoredAttempt): void {
    this.#inFlight.delete(attempt);
  }

  /** Another endpoint has answered the call of this attempt, although it was asked later. */
  overtaken(attempt: MonitoredAttempt): void {
    this.#doubt(attempt, true);
    this.#inFlight.delete(attempt);
  }

  #checkIn(ms: number): void {
    this.#checking = true;
    startTimerAfterReading(ms, () => this.#check());
  }

  #check(): void {
    this.#checking = false;
    const { overdueMs } = this.#times;
    const now = performance.now();
    let nextMs = Infinity;
    for (const attempt of this.#inFlight) {
      const leftMs = attempt.sentAt + overdueMs - now;
      if (leftMs > 0) {
        nextMs = Math.min(nextMs, leftMs);
        break;
      }
      nextMs = recheckMs;
      attempt.onOverdue();
      this.#doubt(attempt, false);
    }
    if (this.#inFlight.size > 0) this.#checkIn(nextMs);
  }

  #doubt({ health, sentAt }: MonitoredAttempt, overtaken: boolean): void {
    if (health.heardAt < sentAt && this.#client.latestAnswered > sentAt)
      health.doubt(this.#times.overdueMs, overtaken);
  }
}
