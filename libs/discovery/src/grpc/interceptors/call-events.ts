import { status, type StatusObject } from '@grpc/grpc-js';
import type { RetryEvent } from '../../events/discovery-events.js';
import { events } from '../../events/event-source.js';
import type { AttemptEndpoint } from '../attempt.js';
import type { CallAttempt } from './call-attempt.js';

export function emitAttempt(
  method: string,
  { endpoint, number, sentAt, overtaken }: CallAttempt,
  { code }: StatusObject,
): void {
  const failure = overtaken || code === status.CANCELLED ? 'cancelled' : 'failure';
  events.attempt.emit({
    type: 'attempt',
    protocol: 'grpc',
    service: endpoint?.service ?? '',
    ...(endpoint && { instance: endpoint.instance }),
    method,
    attempt: number,
    outcome: code === status.OK ? 'success' : failure,
    code,
    durationMs: endpoint ? performance.now() - sentAt : 0,
  });
}

/** `tried` is where an earlier attempt was sent. */
export function emitRetry(
  method: string,
  { number }: CallAttempt,
  tried: AttemptEndpoint | undefined,
  reason: RetryEvent['reason'],
): void {
  const service = tried?.service ?? '';
  events.retry.emit({ type: 'retry', protocol: 'grpc', service, method, attempt: number, reason });
}
