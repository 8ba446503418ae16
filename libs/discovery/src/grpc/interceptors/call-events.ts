import { type Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { CallRecord } from '../../calling/call-record.js';
import type { AttemptEvent, EventCall, RetryEvent } from '../../events/discovery-events.js';
import { events } from '../../events/event-source.js';
import type { AttemptEndpoint } from '../attempt.js';

/** What the events of an attempt report. */
export interface ObservedAttempt {
  /** 1 for the first attempt of the call. */
  readonly number: number;
  readonly isHedge: boolean;
  /** Whether another attempt was answered before. */
  readonly overtaken: boolean;
  /** Where it was sent; undefined if it was not. */
  readonly endpoint: AttemptEndpoint | undefined;
  /** Monotonic, in ms; 0 if nobody listened. */
  readonly startedAt: number;
  /** Monotonic, in ms. */
  readonly sentAt: number;
}

export function emitCall(
  { call, retries, hedges, isBudgetSpent }: CallRecord,
  { code, details }: StatusObject,
  durationMs: number,
): void {
  events.call.emit({
    type: 'call',
    call,
    outcome: outcomeOf(code, false),
    code,
    error: code === status.OK ? undefined : details,
    retries,
    hedges,
    isBudgetSpent,
    durationMs,
  });
}

export function emitAttemptStart(
  call: EventCall,
  { number, isHedge }: ObservedAttempt,
  headers: Metadata,
  reason: RetryEvent['reason'] | undefined,
): void {
  events['attempt-start'].emit({ type: 'attempt-start', call, attempt: number, reason, isHedge, headers });
}

export function emitAttempt(
  method: string,
  call: EventCall | undefined,
  { endpoint, number, isHedge, startedAt, sentAt, overtaken }: ObservedAttempt,
  { code, details }: StatusObject,
): void {
  // It found no other instance, so that it was never sent.
  if (isHedge && !endpoint) return;
  const now = performance.now();
  events.attempt.emit({
    type: 'attempt',
    call,
    protocol: 'grpc',
    service: endpoint?.service ?? '',
    instance: endpoint?.instance,
    method,
    attempt: number,
    isHedge,
    outcome: outcomeOf(code, overtaken),
    code,
    error: code === status.OK ? undefined : details,
    waitedMs: startedAt > 0 ? (endpoint ? sentAt : now) - startedAt : 0,
    durationMs: endpoint ? now - sentAt : 0,
  });
}

/** `tried` is where an earlier attempt was sent. */
export function emitRetry(
  method: string,
  { number }: ObservedAttempt,
  tried: AttemptEndpoint | undefined,
  reason: RetryEvent['reason'],
): void {
  const service = tried?.service ?? '';
  events.retry.emit({ type: 'retry', protocol: 'grpc', service, method, attempt: number, reason });
}

function outcomeOf(code: status, overtaken: boolean): AttemptEvent['outcome'] {
  if (code === status.OK) return 'success';
  return overtaken || code === status.CANCELLED ? 'cancelled' : 'failure';
}
