import type { RetryHandler } from 'undici';

/** How often one request may be sent again. */
const maxReissues = 4;

/** May be sent twice whatever they ask for (RFC 9110, section 9.2.2). */
const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** The connection was there and was lost: the server may have done its work. */
const lost: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** Nobody was there to take it: nothing was sent. */
function neverSent({ code, syscall }: NodeJS.ErrnoException): boolean {
  return syscall === 'connect' || code === 'UND_ERR_CONNECT_TIMEOUT';
}

/**
 * Which requests are sent again, to whichever instance is chosen then: any that was never sent, and of those whose
 * connection was lost the idempotent ones. A status is an answer, whatever it says, and is handed on.
 */
export const reissue: RetryHandler.RetryCallback = (error, { state, opts }, settle) => {
  const again =
    neverSent(error) ||
    (lost.has((error as NodeJS.ErrnoException).code) && idempotentMethods.has(opts.method));
  settle(again && state.counter <= maxReissues ? null : error);
};
