import { BadRequestException, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestTimeoutMs } from './config.js';
import type { Budget } from './shop.js';

export const timeoutHeader = 'x-request-timeout-ms';

/**
 * What a request may cost: its deadline is that of every call made for it, and a caller who hangs up cancels them.
 * @throws {BadRequestException} for a timeout header that is no number of ms.
 */
export function budgetOf(request: FastifyRequest, reply: FastifyReply): Budget {
  const asked = request.headers[timeoutHeader];
  const ms = asked === undefined ? requestTimeoutMs : Number(asked);
  if (!Number.isInteger(ms) || ms < 1) {
    throw new BadRequestException(
      `${timeoutHeader} ${JSON.stringify(asked)} is not usable; use a number of milliseconds, 1 or more`,
    );
  }
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the caller hung up'));
  });
  return { deadline: Date.now() + Math.min(ms, requestTimeoutMs), signal: gone.signal };
}

/** Injects the {@link Budget} of the request into a handler. */
export const RequestBudget = createParamDecorator((_: unknown, context: ExecutionContext): Budget => {
  const http = context.switchToHttp();
  return budgetOf(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
});
