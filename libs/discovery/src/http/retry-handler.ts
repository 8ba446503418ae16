import { type Dispatcher, RetryHandler } from 'undici';
import { AttemptMonitor } from '../calling/attempt-monitor.js';
import { RetryBudget, type RetryOptions } from '../calling/retry-budget.js';
import { assertInteger } from '../model/invalid-option.js';

/** RFC 9110, section 9.2.2. */
const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Codes of a connection that was lost after the request may have been sent: the server may have processed it. */
const connectionLost: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** A name with several addresses fails with one error for all of them (`AggregateError`). */
function neverSent(error: NodeJS.ErrnoException): boolean {
  if (error instanceof AggregateError) return error.errors.every(neverSent);
  const { code, syscall } = error;
  return syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT';
}

/** A stream or generator can be read only once: a retry would send an empty body. */
function isRepeatable(body: Dispatcher.DispatchOptions['body']): boolean {
  return body === null || body === undefined || typeof body === 'string' || ArrayBuffer.isView(body);
}

/** What all requests of a client share. */
export class RetryPolicy {
  readonly maxRetries: number;
  readonly budget: RetryBudget;
  /** Undefined: no hedging. */
  readonly hedgeBudget: RetryBudget | undefined;
  readonly monitor = new AttemptMonitor();

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor({ maxRetries = 4, hedging = true, budget }: RetryOptions = {}) {
    assertInteger('maxRetries', maxRetries, 0, 100);
    this.maxRetries = maxRetries;
    this.budget = new RetryBudget(budget);
    this.hedgeBudget = hedging ? new RetryBudget(budget) : undefined;
  }
}

/** Whether a request may be sent twice. */
export function isIdempotent({ method, body }: Dispatcher.DispatchOptions): boolean {
  return idempotentMethods.has(method) && isRepeatable(body);
}

/** Whether the connection was lost after the request may have been sent. */
export function isConnectionLost(error: Error): boolean {
  return connectionLost.has((error as NodeJS.ErrnoException).code);
}

export interface Losses {
  /** Whether the request was alone when its connection was lost: it may have crashed the instance. */
  crashed(): boolean;
  /** Calls `retry` when it is the turn of a request whose connection was lost, or with the reason why it was aborted. */
  onTurn(retry: (aborted: Error | null) => void): void;
  /** A request is not retried for this reason alone. */
  onBudgetSpent(): void;
}

/**
 * Retries a request through `dispatch`, which picks an instance each time: any request that was never sent, and an
 * idempotent one with a repeatable body whose connection was lost before the response began, as the gRPC client does
 * (see `retryInterceptor`). Every status is passed on. undici itself would resume a response in the middle, with a
 * `Range` header for the rest; another instance may return the rest of something else.
 */
export function retryHandler(
  options: Dispatcher.DispatchOptions,
  handlers: RetryHandler.RetryHandlers,
  { maxRetries, budget }: RetryPolicy,
  { crashed, onTurn, onBudgetSpent }: Losses,
): Dispatcher.DispatchHandler {
  let responseStarted = false;
  let losses = 0;
  const repeatable = isIdempotent(options);
  const retry: RetryHandler.RetryCallback = (error, { state }, done) => {
    const isLost = !responseStarted && isConnectionLost(error);
    if (!neverSent(error) && !isLost) return done(error);
    const withinBudget = budget.spend();
    if (isLost) losses += 1;
    if (isLost && repeatable && crashed()) return done(explain(error, losses));
    if (state.counter > maxRetries || (isLost && !repeatable)) return done(error);
    if (!withinBudget) {
      onBudgetSpent();
      return done(error);
    }
    if (isLost) onTurn(done);
    else done(null);
  };
  const handler: Dispatcher.DispatchHandler = new RetryHandler(
    Object.assign({}, options, { retryOptions: { retry, statusCodes: [] } }),
    handlers,
  );
  const onResponseStart = handler.onResponseStart!.bind(handler);
  handler.onResponseStart = (...response) => {
    responseStarted = true;
    budget.earn();
    onResponseStart(...response);
  };
  return handler;
}

function explain(error: Error, losses: number): Error {
  const message = `${error.message} (not retried: the connection was lost ${losses} times while the request was in flight; the request may have crashed the instance)`;
  return Object.assign(new Error(message, { cause: error }), { code: (error as NodeJS.ErrnoException).code });
}
