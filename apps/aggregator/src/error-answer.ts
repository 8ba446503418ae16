import { HttpException } from '@nestjs/common';
import { CallFailure, type StatusName } from './part.js';

/** How a failure is told over HTTP: `{"error":{"code","message"}}` under `http`. */
export interface ErrorAnswer {
  readonly http: number;
  readonly code: StatusName;
  readonly message: string;
}

/**
 * gRPC's codes in HTTP's words, after google.rpc.Code, with one exception: who hangs up on us gets no answer, so a
 * CANCELLED that has to be told is that of a service which left in the middle of it. What is not here is our fault, 500.
 */
const httpStatus: Partial<Record<StatusName, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  CANCELLED: 503,
  DEADLINE_EXCEEDED: 504,
};

/** The way back, for what fails before any service is asked. */
const statusName: Readonly<Record<number, StatusName>> = {
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

/** What there is to tell of an error; of one that nobody foresaw, nothing but that. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof CallFailure) {
    return { http: httpStatus[error.code] ?? 500, code: error.code, message: error.message };
  }
  const http = httpStatusOf(error);
  if (http === undefined || http >= 600 || http < 400) {
    return { http: 500, code: 'INTERNAL', message: 'something went wrong here; it has been logged' };
  }
  const code = statusName[http] ?? (http < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  return { http, code, message: (error as Error).message };
}

/** What Nest's exceptions carry, and Fastify's errors. */
function httpStatusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    return error.statusCode;
  }
  return undefined;
}
