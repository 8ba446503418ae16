import { status } from '@grpc/grpc-js';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { isServiceError } from './part.js';

/** gRPC's codes in HTTP's words (google.rpc.Code). What stands not here is our own fault: 500. */
const httpStatus: Partial<Record<status, number>> = {
  [status.INVALID_ARGUMENT]: 400,
  [status.OUT_OF_RANGE]: 400,
  [status.FAILED_PRECONDITION]: 400,
  [status.NOT_FOUND]: 404,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.CANCELLED]: 499,
  [status.UNIMPLEMENTED]: 501,
  [status.UNAVAILABLE]: 503,
  [status.DEADLINE_EXCEEDED]: 504,
};

/** Every error, as `{"error":{"code","message"}}`. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger('Errors');

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.sent || reply.raw.destroyed) return;
    const { http, code, message } = this.#describe(error);
    if (http === 503) void reply.header('retry-after', '1');
    void reply.status(http).header('cache-control', 'no-store').send({ error: { code, message } });
  }

  #describe(error: unknown): { http: number; code: string; message: string } {
    if (isServiceError(error)) {
      return { http: httpStatus[error.code] ?? 500, code: status[error.code], message: error.details };
    }
    if (error instanceof HttpException) {
      const http = error.getStatus();
      return { http, code: codeOf(http), message: error.message };
    }
    if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
      return { http: error.statusCode, code: codeOf(error.statusCode), message: error.message };
    }
    this.#logger.error(error);
    return { http: 500, code: 'INTERNAL', message: 'something went wrong here; it has been logged' };
  }
}

function codeOf(http: number): string {
  const entry = Object.entries(httpStatus).find(([, value]) => value === http);
  return entry ? status[Number(entry[0])]! : http < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL';
}
