import { BadRequestException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openCallContext } from '@rollcall/discovery/grpc';
import { parseInteger } from '@rollcall/service-kit';
import { AggregatorConfig } from './config.js';

/** The timeout of the caller in milliseconds. It can shorten the configured timeout, not extend it. */
export const timeoutHeader = 'x-request-timeout-ms';

// Created once: every request ends with an abort, and creating an error captures a stack trace.
const requestEnded = new Error('the request has ended');

/**
 * Propagates the deadline and the cancellation of API requests to outgoing calls; a sent response cancels pending calls, too.
 * A hook of Fastify: a Nest interceptor passes each response through a chain of observables, which costs more.
 */
export function propagateDeadlines(app: NestFastifyApplication): void {
  const { requestTimeoutMs } = app.get(AggregatorConfig);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', ({ routeOptions, headers }, { raw }, done) => {
    if (!routeOptions.url?.startsWith('/api/')) return done();
    const requested = headers[timeoutHeader];
    const timeoutMs = requested === undefined ? requestTimeoutMs : parseInteger(requested);
    if (!(timeoutMs >= 1)) return done(invalidTimeout(requested));
    const deadline = Date.now() + Math.min(timeoutMs, requestTimeoutMs);
    const controller = new AbortController();
    const scope = openCallContext({ deadline, signal: controller.signal });
    raw.once('close', () => {
      controller.abort(requestEnded);
      scope.end();
    });
    scope.run(done);
  });
}

function invalidTimeout(requested: string | string[] | undefined): BadRequestException {
  return new BadRequestException(
    `invalid ${timeoutHeader} ${JSON.stringify(requested)}: use a whole number of milliseconds, 1 or more`,
  );
}
