import { type Dispatcher, RetryHandler } from 'undici';

/** How often one request may be sent again. */
const maxReissues = 4;

/** May be sent twice whatever they ask for (RFC 9110, section 9.2.2). */
const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** The connection was there and was lost: the server may have done its work. */
const lost: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** A name with several addresses fails with one error for all of them (`AggregateError`). */
function neverSent(error: NodeJS.ErrnoException): boolean {
  if (error instanceof AggregateError) return error.errors.every(neverSent);
  const { code, syscall } = error;
  return syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT';
}

/** A stream or generator that was read once has nothing left: sent again, it would be an empty body. */
function isRepeatable(body: Dispatcher.DispatchOptions['body']): boolean {
  return body === null || body === undefined || typeof body === 'string' || ArrayBuffer.isView(body);
}

/**
 * Sends a request again, to whichever instance is chosen then: any that was never sent, and of those whose connection
 * was lost before a response began the idempotent ones whose body is still at hand. A status is an answer, whatever it
 * says, and is handed on. undici itself would go on in the middle of a response, with a `Range` for the rest: from
 * another instance that may be the rest of something else.
 */
export function retryHandler(
  options: Dispatcher.DispatchOptions,
  handlers: RetryHandler.RetryHandlers,
): Dispatcher.DispatchHandler {
  let begun = false;
  const repeatable = idempotentMethods.has(options.method) && isRepeatable(options.body);
  const retry: RetryHandler.RetryCallback = (error, { state }, settle) => {
    const again =
      neverSent(error) || (!begun && repeatable && lost.has((error as NodeJS.ErrnoException).code));
    settle(again && state.counter <= maxReissues ? null : error);
  };
  const handler: Dispatcher.DispatchHandler = new RetryHandler(
    { ...options, retryOptions: { retry, statusCodes: [] } },
    handlers,
  );
  const start = handler.onResponseStart!.bind(handler);
  handler.onResponseStart = (...response) => {
    begun = true;
    start(...response);
  };
  return handler;
}
