import { type InterceptorOptions, Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { IsolatedAttempt } from '../../calling/crash-isolation.js';
import type { RetryEvent } from '../../events/discovery-events.js';
import { events } from '../../events/event-source.js';
import type { AttemptEndpoint, AttemptTarget } from '../attempt.js';
import { type AttemptOwner, CallAttempt, explainCrash, isAnswer, lostAddress } from './call-attempt.js';
import { emitRetry } from './call-events.js';
import type { CallPolicy } from './call-policy.js';
import { retryDelay } from './retry-delay.js';
import type { Call, CallListener, NextCall } from './intercepting-call.js';

/** Metadata that retries carry: how many attempts came before (gRFC A6). */
const previousAttemptsKey = 'grpc-previous-rpc-attempts';

const nothing: readonly never[] = [];
const anywhere: AttemptTarget = { avoid: nothing, elsewhere: false, isolation: undefined };

/** A unary call: one attempt, and more of them if it is idempotent. See {@link retryInterceptor}. */
export class RetryingCall implements Call, AttemptOwner {
  readonly options: InterceptorOptions;
  readonly #nextCall: NextCall;
  readonly #policy: CallPolicy;
  /** The latest attempt. */
  #latest: CallAttempt;
  /** In the order in which they were sent. */
  #inFlight: readonly CallAttempt[] = nothing;
  #started = 1;
  /** Where the attempts were sent. */
  #tried: readonly AttemptEndpoint[] = nothing;
  /** The latest attempt that takes a token of the hedge budget. It is taken when the attempt is sent: there may be nowhere to. */
  #guess: CallAttempt | undefined;
  /** Where the connection was lost under an attempt. */
  #lostAt: readonly string[] = [];
  /** The connection was lost again where the call was alone. */
  #mayHaveCrashed = false;
  #metadata!: Metadata;
  #message: unknown;
  #listener!: CallListener;
  #cancelled = false;
  #done = false;
  #cancelRetry: (() => void) | undefined;

  constructor(options: InterceptorOptions, nextCall: NextCall, policy: CallPolicy) {
    this.options = options;
    this.#nextCall = nextCall;
    this.#policy = policy;
    this.#latest = this.#newAttempt(anywhere);
  }

  start(metadata: Metadata, listener: CallListener = {}): void {
    this.#metadata = metadata;
    this.#listener = listener;
    this.#inFlight = [this.#latest];
    // A clone: the caller may use its metadata for other calls.
    this.#latest.start(metadata.clone());
  }

  sendMessageWithContext(context: Parameters<Call['sendMessageWithContext']>[0], message: unknown): void {
    this.#message = message;
    this.#latest.call.sendMessageWithContext(context, message);
  }

  sendMessage(message: unknown): void {
    this.sendMessageWithContext({}, message);
  }

  halfClose(): void {
    this.#latest.call.halfClose();
  }

  startRead(): void {
    this.#latest.call.startRead();
  }

  cancelWithStatus(code: status, details: string): void {
    this.#cancelled = true;
    if (this.#cancelRetry) this.#endWaiting({ code, details, metadata: new Metadata() });
    for (const { call } of this.#inFlight) call.cancelWithStatus(code, details);
  }

  getPeer(): string {
    return this.#latest.call.getPeer();
  }

  getAuthContext(): ReturnType<Call['getAuthContext']> {
    return this.#latest.call.getAuthContext();
  }

  onSent(attempt: CallAttempt): void {
    const { idempotent, hedgeBudget, method } = this.#policy;
    if (attempt.endpoint && idempotent) this.#tried = [...this.#tried, attempt.endpoint];
    if (attempt === this.#guess) hedgeBudget?.spend();
    method.sent(attempt);
  }

  onHeaders(headers: Metadata): void {
    if (!this.#policy.idempotent && !this.#done) this.#listener.onReceiveMetadata?.(headers);
  }

  get attemptTimeoutMs(): number {
    return this.#policy.attemptTimeoutMs;
  }

  /** Sends another attempt beside one that takes too long, or in place of one that has timed out. */
  onOverdue(attempt: CallAttempt): void {
    const { idempotent, budget, hedgeBudget, maxRetries } = this.#policy;
    if (!idempotent || this.#done || this.#cancelled) return;
    const isLatest = this.#inFlight.at(-1) === attempt;
    // A second attempt beside one that may crash its instance might crash a second one.
    // Where calls fail, more of them do not help.
    const mayRetry = !attempt.isolation && this.#started <= maxRetries && budget.available;
    if (performance.now() - attempt.sentAt >= this.attemptTimeoutMs) {
      if (this.#inFlight.length > 1 || mayRetry) attempt.abandon();
      return;
    }
    if (!isLatest || !mayRetry || !hedgeBudget) return;
    // What an instance costs that is known not to respond is no guess.
    const isGuess = attempt.health.suspectedAt === undefined;
    if (isGuess && !hedgeBudget.available) return;
    this.#startAttempt({ avoid: this.#tried, elsewhere: true, isolation: undefined }, 'slow');
    if (isGuess) this.#guess = this.#latest;
  }

  onEnded(attempt: CallAttempt, result: StatusObject): void {
    const { method, idempotent, budget, hedgeBudget } = this.#policy;
    this.#inFlight =
      this.#inFlight.length === 1 ? nothing : this.#inFlight.filter((other) => other !== attempt);
    const answered = isAnswer(result);
    if (attempt.endpoint) {
      if (answered) attempt.health.responded(attempt.sentAt);
      if (answered && !this.#done) method.answered(attempt);
      else method.ended(attempt);
    }
    attempt.reportEnd(result);
    if (this.#done || attempt.overtaken) return;
    if (result.code === status.OK) {
      budget.earn();
      hedgeBudget?.earn();
    } else if (idempotent && this.#isRetryable(attempt, result.code)) {
      const withinBudget = budget.spend() || attempt.abandoned;
      const isolation = this.#isolationAfter(attempt, result);
      // The other attempt may still be answered; if it is overdue, another one follows.
      if (this.#inFlight.some(({ endpoint }) => endpoint)) return;
      this.#discardUnsent();
      const delayMs = this.#retryDelay(result);
      if (withinBudget && delayMs !== undefined) return this.#retryIn(delayMs, result, isolation);
      if (!withinBudget && delayMs !== undefined) attempt.reportSpentBudget();
    }
    this.#finish(attempt, result);
  }

  #finish(attempt: CallAttempt, result: StatusObject): void {
    this.#done = true;
    this.#latest = attempt;
    for (const other of this.#inFlight) {
      if (other.endpoint) this.#policy.method.overtaken(other);
      other.overtaken = true;
      other.call.cancelWithStatus(status.CANCELLED, 'another attempt was answered');
    }
    if (attempt.headers && this.#policy.idempotent) this.#listener.onReceiveMetadata?.(attempt.headers);
    this.#listener.onReceiveMessage?.(attempt.message);
    const explained = this.#mayHaveCrashed ? explainCrash(result, this.#lostAt) : result;
    this.#listener.onReceiveStatus?.(explained);
  }

  /** One that waits for an instance that no other attempt was sent to: none of those is in flight any more. */
  #discardUnsent(): void {
    for (const unsent of this.#inFlight) {
      unsent.overtaken = true;
      this.#started -= 1;
      unsent.call.cancelWithStatus(status.CANCELLED, 'the call is retried');
    }
  }

  #isRetryable({ abandoned }: CallAttempt, code: status): boolean {
    if (this.#cancelled || this.options.parent?.cancelled) return false;
    return abandoned || code === status.UNAVAILABLE || code === status.CANCELLED;
  }

  /** Set if the connection may have been lost because of this call. */
  #isolationAfter(attempt: CallAttempt, result: StatusObject): IsolatedAttempt | undefined {
    const address = lostAddress(attempt, result);
    if (address === undefined) return undefined;
    // The connection of an instance that does not respond is given up here: it has not crashed.
    if (attempt.endpoint && attempt.health.lastSuspectedAt > attempt.sentAt) return undefined;
    this.#lostAt = [...this.#lostAt, address];
    this.#mayHaveCrashed = attempt.isolated;
    return { lostAt: performance.now(), waitingSince: undefined, endpoint: undefined };
  }

  /** In ms; undefined if the call must not be retried. */
  #retryDelay({ metadata }: StatusObject): number | undefined {
    const { maxRetries, connectivity } = this.#policy;
    const waitExpired = connectivity !== undefined && !connectivity.ready && connectivity.remainingMs <= 0;
    if (waitExpired || this.#started > maxRetries || this.#mayHaveCrashed) return undefined;
    const delayMs = retryDelay(metadata, this.#started - 1);
    const timeLeftMs = Number(this.options.deadline ?? Infinity) - Date.now();
    return delayMs !== undefined && delayMs < timeLeftMs ? delayMs : undefined;
  }

  #retryIn(delayMs: number, failed: StatusObject, isolation: IsolatedAttempt | undefined): void {
    // Before the deadline; and it keeps the process alive, as any call in flight does.
    const timer = setTimeout(() => {
      this.#cancelRetry = undefined;
      const reason = isolation ? 'connection-lost' : this.#latest.abandoned ? 'slow' : 'failed';
      this.#startAttempt({ avoid: this.#tried, elsewhere: false, isolation }, reason, failed);
    }, delayMs);
    this.#cancelRetry = () => clearTimeout(timer);
  }

  #newAttempt(target: AttemptTarget): CallAttempt {
    const { idempotent, hedgeBudget } = this.#policy;
    const hedged = idempotent && hedgeBudget !== undefined;
    return new CallAttempt(this, this.#nextCall(this.options), hedged, target);
  }

  #startAttempt(target: AttemptTarget, reason: RetryEvent['reason'], failed?: StatusObject): void {
    const metadata = this.#metadata.clone();
    metadata.set(previousAttemptsKey, String(this.#started));
    let attempt: CallAttempt;
    try {
      attempt = this.#newAttempt(target);
    } catch {
      // grpc-js throws if the client was closed meanwhile.
      if (failed) this.#endWaiting(failed);
      return;
    }
    this.#started += 1;
    attempt.number = this.#started;
    attempt.isHedge = failed === undefined;
    if (events.retry.hasListeners)
      emitRetry(this.options.method_definition.path, attempt, this.#tried[0], reason);
    this.#latest = attempt;
    this.#inFlight = [...this.#inFlight, attempt];
    attempt.start(metadata, reason);
    attempt.call.startRead();
    attempt.call.sendMessage(this.#message);
    attempt.call.halfClose();
  }

  /** Ends a call that has no attempt in flight. */
  #endWaiting(result: StatusObject): void {
    this.#done = true;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#listener.onReceiveMessage?.(null);
    this.#listener.onReceiveStatus?.(result);
  }
}
