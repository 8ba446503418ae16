import {
  BadRequestException,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type PipeTransform,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AggregatorConfig } from './config.js';

/** What a request may cost: every call made for it gets both. */
export interface Budget {
  /** Until when an answer is wanted, in ms since the Unix epoch. */
  readonly deadline: number;
  /** Aborts when nothing more is wanted: the caller has hung up, or has an answer without what is still under way. */
  readonly signal: AbortSignal;
}

/** How many milliseconds the caller is willing to wait. Less than the configured time counts, more does not. */
export const timeoutHeader = 'x-request-timeout-ms';

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

// One for all: to make an error costs a stack trace, and every request ends with an abort.
const over = new Error('the request is over');

@Injectable()
export class BudgetPipe implements PipeTransform<Exchange, Budget> {
  constructor(private readonly config: AggregatorConfig) {}

  /** @throws {BadRequestException} for a timeout that is no number of milliseconds, which it echoes. */
  transform({ request, reply }: Exchange): Budget {
    const asked = request.headers[timeoutHeader];
    const ms = asked === undefined ? this.config.requestTimeoutMs : Number(asked);
    if (!Number.isInteger(ms) || ms < 1) {
      throw new BadRequestException(
        `${timeoutHeader} ${JSON.stringify(asked)} is not usable; use a whole number of milliseconds, 1 or more`,
      );
    }
    const controller = new AbortController();
    reply.raw.once('close', () => controller.abort(over));
    return {
      deadline: Date.now() + Math.min(ms, this.config.requestTimeoutMs),
      signal: controller.signal,
    };
  }
}

const RequestExchange = createParamDecorator((_: unknown, context: ExecutionContext): Exchange => {
  const http = context.switchToHttp();
  return { request: http.getRequest<FastifyRequest>(), reply: http.getResponse<FastifyReply>() };
});

/** Injects the {@link Budget} of the request into a handler. */
export const RequestBudget = (): ParameterDecorator => RequestExchange(BudgetPipe);
