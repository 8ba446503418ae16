import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { errorAnswer } from './error-answer.js';

/** Every error, as `{"error":{"code","message"}}`. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger('Errors');

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.sent || reply.raw.destroyed) return;
    if (sendError(reply, error) === 500) this.#logger.error(error);
  }
}

/** Answers with `error`, and returns the HTTP status that it was given. */
export function sendError(reply: FastifyReply, error: unknown): number {
  const { http, code, message } = errorAnswer(error);
  if (http === 429 || http === 503) void reply.header('retry-after', '1');
  void reply.status(http).header('cache-control', 'no-store').send({ error: { code, message } });
  return http;
}
