import { type Dispatcher, RetryHandler } from 'undici';
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

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor({ maxRetries = 4, budget }: RetryOptions = {}) {
    assertInteger('maxRetries', maxRetries, 0, 100);
    this.maxRetries = maxRetries;
    this.budget = new RetryBudget(budget);
  }
}

export interface AttemptListener {
  /** The connection was lost after the request may have been sent. */
  onLost(): void;
  /** The attempt has ended, with a response or without. */
  onEnded(): void;
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
  policy: RetryPolicy,
  listener: AttemptListener,
): Dispatcher.DispatchHandler {
  const { maxRetries, budget } = policy;
  let responseStarted = false;
  let losses = 0;
  const repeatable = idempotentMethods.has(options.method) && isRepeatable(options.body);
  const isConnectionLost = (error: Error) =>
    !responseStarted && connectionLost.has((error as NodeJS.ErrnoException).code);
  const retry: RetryHandler.RetryCallback = (error, { state }, done) => {
    const isLost = isConnectionLost(error);
    if (!neverSent(error) && !isLost) return done(error);
    if (isLost) losses += 1;
    const withinBudget = budget.spend();
    if (isLost && repeatable && state.counter > maxRetries) return done(explain(error, losses));
    const retryable = (repeatable || !isLost) && withinBudget && state.counter <= maxRetries;
    done(retryable ? null : error);
  };
  const handler: Dispatcher.DispatchHandler = new RetryHandler(
    { ...options, retryOptions: { retry, statusCodes: [] } },
    handlers,
  );
  const end = () => listener.onEnded();
  before(handler, 'onResponseStart', () => {
    responseStarted = true;
    budget.earn();
  });
  before(handler, 'onResponseEnd', end);
  before(handler, 'onResponseError', (_controller, error) => {
    if (isConnectionLost(error as Error)) listener.onLost();
    end();
  });
  before(handler, 'onRequestUpgrade', end);
  return handler;
}

function before(
  handler: Dispatcher.DispatchHandler,
  event: 'onResponseStart' | 'onResponseEnd' | 'onResponseError' | 'onRequestUpgrade',
  task: (...args: readonly unknown[]) => void,
): void {
  const original = handler[event]!.bind(handler) as (...args: unknown[]) => void;
  handler[event] = (...args: unknown[]) => {
    task(...args);
    original(...args);
  };
}

function explain(error: Error, losses: number): Error {
  const message = `${error.message} (not retried: the connection was lost ${losses} times while the request was in flight; the request may have crashed the instance)`;
  return Object.assign(new Error(message, { cause: error }), { code: (error as NodeJS.ErrnoException).code });
}
