import { type InterceptorOptions, Metadata, type StatusObject, status } from '@grpc/grpc-js';
import type { MonitoredAttempt } from '../../calling/attempt-monitor.js';
import type { CallRecord } from '../../calling/call-record.js';
import type { IsolatedAttempt } from '../../calling/crash-isolation.js';
import type { EndpointHealth } from '../../calling/endpoint-health.js';
import type { RetryEvent } from '../../events/discovery-events.js';
import { events } from '../../events/event-source.js';
import type { ListEntry } from '../../runtime/linked-list.js';
import { type Attempt, type AttemptEndpoint, type AttemptTarget, setAttempt } from '../attempt.js';
import { emitAttempt, emitAttemptStart, type ObservedAttempt } from './call-events.js';
import { callRecordOf } from './call-record.js';
import { type Call, type CallListener, reachedAddress } from './intercepting-call.js';

/** The call that an attempt belongs to. */
export interface AttemptOwner {
  readonly options: InterceptorOptions;
  /** Infinity: none. */
  readonly attemptTimeoutMs: number;
  onSent(attempt: CallAttempt): void;
  onOverdue(attempt: CallAttempt): void;
  onHeaders(headers: Metadata): void;
  onEnded(attempt: CallAttempt, result: StatusObject): void;
}

/** One attempt of a call: its listener, and what interceptor and policy share about it. */
export class CallAttempt implements Attempt, MonitoredAttempt, ObservedAttempt, CallListener {
  readonly avoid: AttemptTarget['avoid'];
  readonly hedged: boolean;
  readonly elsewhere: boolean;
  readonly isolation: IsolatedAttempt | undefined;
  endpoint: AttemptEndpoint | undefined;
  startedAt = 0;
  sentAt = 0;
  inFlight: ListEntry<MonitoredAttempt> | undefined;
  readonly #deadline: number;
  /** Half of the time that the call has left, so that another attempt has the other half; or the attempt timeout. */
  patienceMs = Infinity;
  number = 1;
  /** Whether it was started beside another attempt. */
  isHedge = false;
  /** Whether it was sent after a loss, and alone: if its connection is lost again, it has crashed its instance. */
  isolated = false;
  overtaken = false;
  abandoned = false;
  headers: Metadata | undefined;
  message: unknown = null;
  readonly call: Call;
  readonly #owner: AttemptOwner;
  /** Undefined while nobody listens to the events of calls. */
  readonly #record: CallRecord | undefined;

  constructor(owner: AttemptOwner, call: Call, hedged: boolean, target: AttemptTarget) {
    this.#owner = owner;
    this.#record = callRecordOf(owner.options);
    this.call = call;
    this.hedged = hedged;
    this.#deadline = Number(owner.options.deadline ?? Infinity);
    this.avoid = target.avoid;
    this.elsewhere = target.elsewhere;
    this.isolation = target.isolation;
  }

  /** `metadata` belongs to the attempt. `reason`: why there is another one. */
  start(metadata: Metadata, reason?: RetryEvent['reason']): void {
    setAttempt(metadata, this);
    if (this.#record) {
      this.startedAt = performance.now();
      if (reason && !this.isHedge) this.#record.retries += 1;
      if (events['attempt-start'].hasListeners) emitAttemptStart(this.#record.call, this, metadata, reason);
    }
    this.call.start(metadata, this);
  }

  get health(): EndpointHealth {
    return this.endpoint!.health;
  }

  onSent(endpoint: AttemptEndpoint): void {
    this.endpoint = endpoint;
    this.sentAt = performance.now();
    this.patienceMs = Math.min((this.#deadline - Date.now()) / 2, this.#owner.attemptTimeoutMs);
    this.isolated = this.isolation !== undefined && endpoint.isolated === this.isolation;
    if (this.isolation) this.isolation.endpoint = endpoint;
    if (this.isHedge && this.#record) this.#record.hedges += 1;
    this.#owner.onSent(this);
  }

  onOverdue(): void {
    this.#owner.onOverdue(this);
  }

  /** Cancels it after the attempt timeout. */
  abandon(): void {
    if (this.abandoned) return;
    this.abandoned = true;
    const details = `no response within the attempt timeout of ${this.#owner.attemptTimeoutMs} ms`;
    this.call.cancelWithStatus(status.DEADLINE_EXCEEDED, details);
  }

  onReceiveMetadata(headers: Metadata): void {
    this.headers = headers;
    this.endpoint?.health.responded(this.sentAt);
    this.#owner.onHeaders(headers);
  }

  onReceiveMessage(message: unknown): void {
    this.message = message;
  }

  onReceiveStatus(result: StatusObject): void {
    this.#owner.onEnded(this, result);
  }

  reportEnd(result: StatusObject): void {
    if (events.attempt.hasListeners)
      emitAttempt(this.#owner.options.method_definition.path, this.#record?.call, this, result);
  }

  /** It was the last one, because the retry budget is spent. */
  reportSpentBudget(): void {
    if (this.#record) this.#record.isBudgetSpent = true;
  }
}

/** Whether the status is that of the instance: it is OK or has metadata, at least a content type. grpc-js adds none. */
export function isAnswer({ code, metadata }: StatusObject): boolean {
  return code === status.OK || Object.keys(metadata.getMap()).length > 0;
}

/**
 * The instance whose connection was lost while the attempt was in flight: the attempt was sent, and it was not the instance
 * that ended it. An instance that refuses the stream has not processed it.
 */
export function lostAddress({ call }: CallAttempt, result: StatusObject): string | undefined {
  if (result.code !== status.UNAVAILABLE && result.code !== status.CANCELLED) return undefined;
  if (result.details === 'Stream refused by server' || isAnswer(result)) return undefined;
  return reachedAddress(call);
}

/** Says why a call is not retried that may have crashed the instances at these addresses. */
export function explainCrash(result: StatusObject, addresses: readonly string[]): StatusObject {
  if (result.code === status.OK) return result;
  const details = `${result.details} (not retried: the connection was lost while the call was in flight, at ${addresses.join(' and at ')}; the call may have crashed the instance)`;
  return { ...result, details };
}
