import { type ArgumentsHost, Catch, Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { type Observable, throwError } from 'rxjs';
import { toGrpcStatus } from './grpc-status.js';
import { findServerCall } from './server-call.js';

/**
 * Maps every error of a gRPC handler, unary or streaming, to a gRPC status (see `toGrpcStatus`). Replaces Nest's
 * `GrpcExceptionFilter`, which answers unknown errors with UNKNOWN. In a hybrid application, Nest handles HTTP errors.
 * @example
 * app.useGlobalFilters(new GrpcErrorFilter());
 * @example
 * // Hybrid: add the filter before `connectMicroservice`, which copies the configuration.
 * app.useGlobalFilters(new GrpcErrorFilter(app.getHttpAdapter()));
 * app.connectMicroservice(options, { inheritAppConfig: true });
 */
@Catch()
export class GrpcErrorFilter extends BaseExceptionFilter {
  readonly #logger = new Logger('Errors');

  override catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    // oxlint-disable-next-line promise/valid-params -- the method of a filter, not of a promise
    if (host.getType() !== 'rpc') return super.catch(error, host);
    const cancelled = findServerCall(host.getArgs<unknown[]>())?.cancelled === true;
    const { code, message, log, metadata } = toGrpcStatus(error, cancelled);
    if (log) this.#logger.error(error);
    return throwError(() => ({ code, message, details: message, ...(metadata && { metadata }) }));
  }
}
