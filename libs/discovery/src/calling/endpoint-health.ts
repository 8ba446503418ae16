import { url as inspectorUrl } from 'node:inspector';
import { startTimerAfterReading } from '../runtime/timers.js';

/** Limits of {@link EndpointHealth.doubt}'s wait for the response to a ping, in ms, before an endpoint is suspected. */
const [minGraceMs, maxGraceMs] = [50, 250];

/** How often a suspected endpoint whose connection answers pings, or cannot be pinged, is tried with a call, in ms. */
const trialIntervalMs = 1_000;

/** What {@link EndpointHealth} can do to a connection. */
export interface Connection {
  /** Calls `onAnswer` when the peer responds. Returns false if no ping can be sent. Undefined: only calls can show it. */
  ping?(onAnswer: () => void): boolean;
  /** Gives the connection up: what is in flight on it fails. */
  abandon(): void;
}

/**
 * Whether an endpoint is suspected to be frozen: its process is stopped, or its host or network is gone without a word. A suspected
 * endpoint gets no calls; its connection is given up when it does not respond to a ping.
 *
 * A ping is sent on suspicion only, and a second one not before a call was answered on that connection: servers count pings
 * without traffic in between, and close the connection after the third (gRFC A8, `ENHANCE_YOUR_CALM`).
 */
export class EndpointHealth {
  /** When something was read from the endpoint last; monotonic, in ms. */
  lastReadAt = 0;
  /** When the latest attempt was sent that was answered, or the connection was made: it was alive then. Monotonic, in ms. */
  aliveAt = 0;
  /** Monotonic, in ms. */
  suspectedAt: number | undefined;
  /** When it was suspected last, whether it still is or not; monotonic, in ms. */
  lastSuspectedAt = 0;
  readonly #onChange: () => void;
  readonly #pingTimeoutMs: number;
  #connection: Connection | undefined;
  /** No call was answered since the last ping. */
  #pinged = false;
  #awaitingAnswer = false;
  /** Calls that another endpoint has answered since this one has responded. */
  #overtaken = 0;
  #triedAt = 0;
  #cancelTimers = () => {};

  /** `pingTimeoutMs` is how long the response to a ping may take before the connection is given up, in ms. */
  constructor(pingTimeoutMs: number, onChange: () => void) {
    this.#pingTimeoutMs = pingTimeoutMs;
    this.#onChange = onChange;
  }

  connected(connection: Connection | undefined): void {
    this.disconnected();
    this.#connection = connection;
    this.#pinged = false;
    this.lastReadAt = this.aliveAt = performance.now();
  }

  disconnected(): void {
    this.#connection = undefined;
    this.#stopWaiting();
    this.#clear();
  }

  /** An attempt that was sent at `sentAt` was answered, or its answer has begun. */
  responded(sentAt: number): void {
    this.lastReadAt = performance.now();
    if (sentAt > this.aliveAt) this.aliveAt = sentAt;
    this.#pinged = false;
    this.#overtaken = 0;
    if (this.#awaitingAnswer) this.#stopWaiting();
    if (this.suspectedAt !== undefined) this.#clear();
  }

  /**
   * A call has waited for too long, nothing was read from the endpoint meanwhile, and others have answered. `overtaken`: one of
   * them has answered this very call.
   */
  doubt(overdueMs: number, overtaken: boolean): void {
    if (overtaken) this.#overtaken += 1;
    // At a breakpoint the time passes, and answers are not read.
    if (this.suspectedAt !== undefined || this.#awaitingAnswer || inspectorUrl() !== undefined) return;
    const pingedAt = performance.now();
    const onAnswer = () => {
      if (!this.#awaitingAnswer) return;
      this.lastReadAt = performance.now();
      this.#stopWaiting();
      this.#clear();
    };
    if (this.#pinged || !this.#connection?.ping?.(onAnswer)) {
      if (overtaken) this.#suspectByCalls();
      return;
    }
    this.#pinged = this.#awaitingAnswer = true;
    const isSilent = () => this.#awaitingAnswer && this.lastReadAt < pingedAt;
    const graceMs = Math.min(Math.max(overdueMs, minGraceMs), maxGraceMs);
    const cancels = [
      startTimerAfterReading(graceMs, () => isSilent() && this.#suspect()),
      startTimerAfterReading(this.#pingTimeoutMs, () => isSilent() && this.#connection?.abandon()),
    ];
    this.#cancelTimers = () => cancels.forEach((cancel) => cancel());
  }

  /** Whether a suspected endpoint is to be tried with one more call. A ping that is on its way says more than a call. */
  shouldTry(): boolean {
    if (this.#awaitingAnswer) return false;
    const now = performance.now();
    if (now < Math.max(this.#triedAt, this.suspectedAt ?? 0) + trialIntervalMs) return false;
    this.#triedAt = now;
    return true;
  }

  /** Without a ping, the calls by which a suspected endpoint is tried say whether it is silent. */
  #suspectByCalls(): void {
    this.#suspect();
    this.#cancelTimers();
    this.#cancelTimers = startTimerAfterReading(this.#pingTimeoutMs, () => {
      if (this.suspectedAt === undefined) return;
      this.#suspectByCalls();
      if (this.#overtaken > 1) this.#connection?.abandon();
    });
  }

  #suspect(): void {
    if (this.suspectedAt !== undefined) return;
    this.suspectedAt = this.lastSuspectedAt = performance.now();
    this.#onChange();
  }

  #clear(): void {
    if (this.suspectedAt === undefined) return;
    this.suspectedAt = undefined;
    this.#cancelTimers();
    this.#onChange();
  }

  #stopWaiting(): void {
    this.#awaitingAnswer = false;
    this.#cancelTimers();
    this.#cancelTimers = () => {};
  }
}
