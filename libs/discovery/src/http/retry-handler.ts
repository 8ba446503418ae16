import { type Dispatcher, RetryHandler } from 'undici';

/** Retries of one request. */
const maxRetries = 4;

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

/**
 * Retries a request through `dispatch`, which picks an instance each time: any request that was never sent, and an
 * idempotent one with a repeatable body whose connection was lost before the response began. Every status is passed on.
 * undici itself would resume a response in the middle, with a `Range` header for the rest; another instance may return
 * the rest of something else.
 */
export function retryHandler(
  options: Dispatcher.DispatchOptions,
  handlers: RetryHandler.RetryHandlers,
): Dispatcher.DispatchHandler {
  let responseStarted = false;
  const repeatable = idempotentMethods.has(options.method) && isRepeatable(options.body);
  const retry: RetryHandler.RetryCallback = (error, { state }, done) => {
    const lost = !responseStarted && connectionLost.has((error as NodeJS.ErrnoException).code);
    const retryable = neverSent(error) || (repeatable && lost);
    done(retryable && state.counter <= maxRetries ? null : error);
  };
  const handler: Dispatcher.DispatchHandler = new RetryHandler(
    { ...options, retryOptions: { retry, statusCodes: [] } },
    handlers,
  );
  const onResponseStart = handler.onResponseStart!.bind(handler);
  handler.onResponseStart = (...response) => {
    responseStarted = true;
    onResponseStart(...response);
  };
  return handler;
}
