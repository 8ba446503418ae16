import {
  BadRequestException,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { openCallContext } from '@rollcall/discovery/grpc';
import { parseInteger } from '@rollcall/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { AggregatorConfig } from './config.js';

/** The timeout of the caller in milliseconds. It can shorten the configured timeout, not extend it. */
export const timeoutHeader = 'x-request-timeout-ms';

// Created once: every request ends with an abort, and creating an error captures a stack trace.
const requestEnded = new Error('the request has ended');

/** Propagates the request's deadline and cancellation to outgoing calls; a sent response cancels pending calls, too. */
@Injectable()
export class RequestDeadlineInterceptor implements NestInterceptor {
  constructor(private readonly config: AggregatorConfig) {}

  /** @throws {BadRequestException} for an invalid timeout. */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const deadline = Date.now() + this.#timeoutMs(http.getRequest<FastifyRequest>());
    const { raw } = http.getResponse<FastifyReply>();
    const controller = new AbortController();
    const scope = openCallContext({ deadline, signal: controller.signal });
    raw.once('close', () => {
      controller.abort(requestEnded);
      scope.end();
    });
    return scope.run(() => next.handle());
  }

  #timeoutMs({ headers }: FastifyRequest): number {
    const { requestTimeoutMs } = this.config;
    const requested = headers[timeoutHeader];
    const ms = requested === undefined ? requestTimeoutMs : parseInteger(requested);
    if (!(ms >= 1)) {
      throw new BadRequestException(
        `invalid ${timeoutHeader} ${JSON.stringify(requested)}: use a whole number of milliseconds, 1 or more`,
      );
    }
    return Math.min(ms, requestTimeoutMs);
  }
}
