import { type ArgumentsHost, Catch, Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { type Observable, throwError } from 'rxjs';
import { grpcAnswer } from './grpc-status.js';

/**
 * Gives every error of a gRPC handler the code it should have: thrown, rejected or out of an observable, of one message
 * or a stream. See `grpcAnswer`. In place of Nest's `GrpcExceptionFilter`, for which what it does not know is UNKNOWN.
 * In a hybrid application what comes over HTTP is answered as Nest does.
 * @example
 * app.useGlobalFilters(new GrpcErrorFilter());
 * @example
 * // Hybrid. Nest asks for the filters when the microservice is connected.
 * app.useGlobalFilters(new GrpcErrorFilter(app.getHttpAdapter()));
 * app.connectMicroservice(options, { inheritAppConfig: true });
 */
@Catch()
export class GrpcErrorFilter extends BaseExceptionFilter {
  readonly #logger = new Logger('Errors');

  override catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    // oxlint-disable-next-line promise/valid-params -- the filter's, not a promise's
    if (host.getType() !== 'rpc') return super.catch(error, host);
    const cancelled = host.getArgs<unknown[]>().some(isCancelled);
    const { code, message, log } = grpcAnswer(error, cancelled);
    if (log) this.#logger.error(error);
    return throwError(() => ({ code, message, details: message }));
  }
}

function isCancelled(argument: unknown): boolean {
  return (
    typeof argument === 'object' &&
    argument !== null &&
    'cancelled' in argument &&
    argument.cancelled === true
  );
}
