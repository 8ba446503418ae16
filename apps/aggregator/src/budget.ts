import {
  BadRequestException,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { withCallContext } from '@rollcall/discovery/grpc';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { AggregatorConfig } from './config.js';

/** How many milliseconds the caller is willing to wait. Less than the configured time counts, more does not. */
export const timeoutHeader = 'x-request-timeout-ms';

// One for all: to make an error costs a stack trace, and every request ends with an abort.
const over = new Error('the request is over');

/**
 * What a request may cost, for every call that is made for it: it ends a margin before the answer is due, and when nothing
 * more is wanted, because the caller has hung up or has an answer without what is still under way.
 */
@Injectable()
export class BudgetInterceptor implements NestInterceptor {
  constructor(private readonly config: AggregatorConfig) {}

  /** @throws {BadRequestException} for a timeout that is no number of milliseconds, which it echoes. */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const deadline = Date.now() + this.#timeoutMs(http.getRequest<FastifyRequest>());
    const { raw } = http.getResponse<FastifyReply>();
    const controller = new AbortController();
    raw.once('close', () => controller.abort(over));
    return withCallContext({ deadline, signal: controller.signal }, () => next.handle());
  }

  #timeoutMs({ headers }: FastifyRequest): number {
    const { requestTimeoutMs } = this.config;
    const asked = headers[timeoutHeader];
    const ms = asked === undefined ? requestTimeoutMs : Number(asked);
    if (!Number.isInteger(ms) || ms < 1) {
      throw new BadRequestException(
        `${timeoutHeader} ${JSON.stringify(asked)} is not usable; use a whole number of milliseconds, 1 or more`,
      );
    }
    return Math.min(ms, requestTimeoutMs);
  }
}
