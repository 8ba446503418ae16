import type { Dispatcher } from 'undici';
import type { IsolatedAttempt } from '../calling/crash-isolation.js';
import type { MethodMonitor } from '../calling/attempt-monitor.js';
import { events } from '../events/event-source.js';
import type { RetryBudget } from '../calling/retry-budget.js';
import type { RetryEvent } from '../events/discovery-events.js';
import { emitAttempt, emitAttemptStart, emitRetry } from './request-events.js';
import {
  type AttemptOwner,
  HttpAttempt,
  type HttpRequest,
  type ResponseStart,
  type Upgrade,
} from './http-attempt.js';
import type { HttpEndpointState } from './instance-picker.js';

export interface HedgedRequestOptions {
  /** Sends the request to an instance, with these headers besides its own. */
  readonly send: (
    endpoint: HttpEndpointState,
    handler: Dispatcher.DispatchHandler,
    added: ReadonlyMap<string, string>,
  ) => boolean;
  /** Another instance than these. Undefined if there is none. */
  readonly pickOther: (avoid: readonly HttpEndpointState[]) => HttpEndpointState | undefined;
  readonly handler: Dispatcher.DispatchHandler;
  /** The service, the method, and how many attempts the request has had. */
  readonly request: HttpRequest;
  /** How many attempts may follow the first one. */
  readonly maxRetries: number;
  readonly method: MethodMonitor;
  /** No further attempt while it is not available. */
  readonly retryBudget: RetryBudget;
  /** Undefined: the request is sent once. */
  readonly hedgeBudget: RetryBudget | undefined;
  readonly onError: (attempt: HttpAttempt, error: Error) => void;
}

const overtaken = new Error('another instance has responded');
const noHeaders: ReadonlyMap<string, string> = new Map();

/**
 * Sends a request to a second instance as well when the response of the first takes far longer than that of others, and takes
 * the one that begins first. What has begun is never replaced: the caller has its headers. The caller controls the chosen
 * attempt, and all while there is none.
 */
export class HedgedRequest implements AttemptOwner, Dispatcher.DispatchController {
  readonly #options: HedgedRequestOptions;
  readonly #inFlight = new Set<HttpAttempt>();
  #tried: readonly HttpEndpointState[] = [];
  /** The attempt whose response has begun. */
  #chosen: HttpAttempt | undefined;
  #started = false;
  #paused = false;
  #aborted: Error | undefined;

  constructor(options: HedgedRequestOptions) {
    this.#options = options;
  }

  get aborted(): boolean {
    return this.#aborted !== undefined;
  }

  get reason(): Error | null {
    return this.#aborted ?? null;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get rawHeaders(): NonNullable<Dispatcher.DispatchController['rawHeaders']> | null {
    return this.#chosen?.controller?.rawHeaders ?? null;
  }

  get rawTrailers(): NonNullable<Dispatcher.DispatchController['rawTrailers']> | null {
    return this.#chosen?.controller?.rawTrailers ?? null;
  }

  abort(reason: Error): void {
    this.#aborted = reason;
    for (const attempt of this.#inFlight) attempt.abort(reason);
  }

  pause(): void {
    this.#paused = true;
    this.#chosen?.controller?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#chosen?.controller?.resume();
  }

  /** `isolation`: after a loss, at an instance of its own. */
  start(endpoint: HttpEndpointState, isolation?: IsolatedAttempt): boolean {
    const { send, method, request } = this.#options;
    const isHedge = this.#inFlight.size > 0;
    const attempt = new HttpAttempt(this, ++request.attempts, isHedge, endpoint, isolation);
    const added = this.#reportStart(attempt);
    this.#tried = [...this.#tried, endpoint];
    this.#inFlight.add(attempt);
    endpoint.started(attempt);
    method.sent(attempt);
    return send(endpoint, attempt, added);
  }

  #reportStart(attempt: HttpAttempt): ReadonlyMap<string, string> {
    const { request } = this.#options;
    const { record, headers } = request;
    let reason: RetryEvent['reason'] | undefined;
    if (attempt.number > 1) {
      reason = attempt.isHedge ? 'slow' : attempt.isolation ? 'connection-lost' : 'failed';
      if (record && attempt.isHedge) record.hedges += 1;
      else if (record) record.retries += 1;
      if (events.retry.hasListeners) emitRetry(request, reason);
    }
    if (!record || !events['attempt-start'].hasListeners) return noHeaders;
    return emitAttemptStart(record, attempt, reason, headers);
  }

  onOverdue(attempt: HttpAttempt): void {
    const { request, maxRetries, retryBudget, hedgeBudget, pickOther } = this.#options;
    const [latest] = [...this.#inFlight].slice(-1);
    if (!hedgeBudget || this.#chosen || this.#aborted || latest !== attempt) return;
    if (request.attempts > maxRetries || attempt.isolation || !retryBudget.available) return;
    const other = pickOther(this.#tried);
    // What an instance costs that is known not to respond is no guess.
    if (other && (attempt.health.suspectedAt !== undefined || hedgeBudget.spend())) this.start(other);
  }

  onRequestStart(context: unknown): void {
    if (this.#started) return;
    this.#started = true;
    this.#options.handler.onRequestStart?.(this, context);
  }

  onUpgrade(attempt: HttpAttempt, upgrade: Upgrade): void {
    this.#ended(attempt);
    this.#options.handler.onRequestUpgrade?.(this, ...upgrade);
  }

  onResponseStart(attempt: HttpAttempt, start: ResponseStart): void {
    const { method, hedgeBudget, handler } = this.#options;
    attempt.health.responded(attempt.sentAt);
    if (this.#chosen !== attempt) {
      this.#chosen = attempt;
      hedgeBudget?.earn();
      method.answered(attempt);
      for (const other of this.#inFlight) {
        if (other === attempt) continue;
        method.overtaken(other);
        other.abort(overtaken);
      }
      if (this.#paused) attempt.controller?.pause();
    }
    handler.onResponseStart?.(this, ...start);
  }

  onData(attempt: HttpAttempt, chunk: Buffer): void {
    if (attempt === this.#chosen) this.#options.handler.onResponseData?.(this, chunk);
  }

  onEnd(attempt: HttpAttempt, trailers: Parameters<AttemptOwner['onEnd']>[1]): void {
    this.#ended(attempt);
    if (attempt === this.#chosen) this.#options.handler.onResponseEnd?.(this, trailers);
  }

  onError(attempt: HttpAttempt, error: Error): void {
    this.#ended(attempt, error);
    if (error === overtaken) return;
    if (!this.#aborted) this.#options.onError(attempt, error);
    // Another attempt may still be answered.
    const isLast = this.#chosen ? attempt === this.#chosen : this.#inFlight.size === 0;
    if (isLast) this.#options.handler.onResponseError?.(this, error);
  }

  #ended(attempt: HttpAttempt, error?: Error): void {
    if (events.attempt.hasListeners) {
      const wasCancelled = error !== undefined && (error === overtaken || this.aborted);
      emitAttempt(this.#options.request, attempt, error, wasCancelled);
    }
    this.#inFlight.delete(attempt);
    this.#options.method.ended(attempt);
    attempt.endpoint.ended(attempt);
  }
}
