import { status } from '@grpc/grpc-js';
import { HttpException } from '@nestjs/common';
import { grpcStatusOf, httpStatusOf } from '@rollcall/nest-discovery';
import { type StatusName, UpstreamError } from './upstream-call.js';

/** `{"error":{"code","message"}}` with this HTTP status. */
export interface ErrorResponse {
  readonly httpStatus: number;
  readonly code: StatusName;
  readonly message: string;
}

/** Codes that are about the request of the aggregator, not about that of its caller (AIP-193). */
const internalCodes: ReadonlySet<status> = new Set([
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
  status.ALREADY_EXISTS,
  status.ABORTED,
]);

const internalError: ErrorResponse = {
  httpStatus: 500,
  code: 'INTERNAL',
  message: 'internal error; the details are logged',
};

/** Messages of unexpected errors are not sent to the caller. */
export function errorResponse(error: unknown): ErrorResponse {
  if (error instanceof UpstreamError) {
    return { httpStatus: upstreamHttpStatus(status[error.code]), code: error.code, message: error.message };
  }
  const httpStatus = frameworkHttpStatus(error);
  if (httpStatus === undefined || httpStatus >= 600 || httpStatus < 400 || httpStatus === 500)
    return internalError;
  const code = grpcStatusOf(httpStatus) ?? (httpStatus < 500 ? status.INVALID_ARGUMENT : status.INTERNAL);
  if (httpStatus > 500) return { ...internalError, httpStatus, code: status[code] as StatusName };
  return { httpStatus, code: status[code] as StatusName, message: (error as Error).message };
}

function upstreamHttpStatus(code: status): number {
  // The upstream shut down. A caller that cancels gets no response at all.
  if (code === status.CANCELLED) return httpStatusOf(status.UNAVAILABLE);
  return internalCodes.has(code) ? 500 : httpStatusOf(code);
}

/** The status of exceptions of Nest and errors of Fastify. */
function frameworkHttpStatus(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    return error.statusCode;
  }
  return undefined;
}
