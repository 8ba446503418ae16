import type { RetryEvent } from '../events/discovery-events.js';
import { events } from '../events/event-source.js';
import { addressOf } from '../model/instance.js';
import type { HttpAttempt, HttpRequest } from './http-attempt.js';

export function emitAttempt(
  { service, method }: HttpRequest,
  { endpoint: { instance }, number, sentAt, status }: HttpAttempt,
  error: Error | undefined,
  wasCancelled: boolean,
): void {
  events.attempt.emit({
    type: 'attempt',
    protocol: 'http',
    service,
    instance: { id: instance.id, address: addressOf(instance) },
    method,
    attempt: number,
    outcome: wasCancelled ? 'cancelled' : error ? 'failure' : 'success',
    code: error ? ((error as NodeJS.ErrnoException).code ?? error.name) : (status ?? 0),
    durationMs: performance.now() - sentAt,
  });
}

export function emitRetry({ service, method, attempts }: HttpRequest, reason: RetryEvent['reason']): void {
  events.retry.emit({ type: 'retry', protocol: 'http', service, method, attempt: attempts, reason });
}
