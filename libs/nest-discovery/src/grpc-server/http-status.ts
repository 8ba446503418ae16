import { status } from '@grpc/grpc-js';

/**
 * gRPC codes with the HTTP statuses of the same meaning. The first one is the mapping of google/rpc/code.proto. A gRPC
 * code that is not listed is 500.
 */
const httpStatuses: readonly (readonly [code: status, httpStatuses: readonly [number, ...number[]]])[] = [
  [status.INVALID_ARGUMENT, [400, 422]],
  [status.FAILED_PRECONDITION, [400]],
  [status.OUT_OF_RANGE, [400, 416]],
  [status.UNAUTHENTICATED, [401]],
  [status.PERMISSION_DENIED, [403]],
  [status.NOT_FOUND, [404]],
  [status.ALREADY_EXISTS, [409]],
  [status.ABORTED, [409]],
  [status.RESOURCE_EXHAUSTED, [429, 413]],
  [status.CANCELLED, [499]],
  [status.UNIMPLEMENTED, [501]],
  [status.UNAVAILABLE, [503, 502]],
  [status.DEADLINE_EXCEEDED, [504, 408]],
];

export function httpStatusOf(code: status): number {
  return httpStatuses.find(([listed]) => listed === code)?.[1][0] ?? 500;
}

/** The first code with this HTTP status; undefined if none is listed. */
export function grpcStatusOf(httpStatus: number): status | undefined {
  return httpStatuses.find(([, listed]) => listed.includes(httpStatus))?.[0];
}
