import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { errorResponse } from './error-response.js';
import { UpstreamError } from './upstream-call.js';

/** Responds to every error with `{"error":{"code","message"}}`. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger('Errors');

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.sent || reply.raw.destroyed) return;
    const httpStatus = sendError(reply, error);
    if (error instanceof UpstreamError) {
      const line = { message: error.message, httpStatus, ...error.log };
      if (httpStatus >= 500) this.#logger.warn(line);
      else this.#logger.debug(line);
    } else if (httpStatus >= 500) this.#logger.error(error);
  }
}

/** Returns the HTTP status of the response. */
export function sendError(reply: FastifyReply, error: unknown): number {
  const { httpStatus, code, message } = errorResponse(error);
  if (httpStatus === 429 || httpStatus === 503) void reply.header('retry-after', '1');
  void reply.status(httpStatus).header('cache-control', 'no-store').send({ error: { code, message } });
  return httpStatus;
}
