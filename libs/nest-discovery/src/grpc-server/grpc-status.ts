import { Metadata, status } from '@grpc/grpc-js';
import { HttpException } from '@nestjs/common';
import { DiscoveryError, type ErrorCode } from '@rollcall/discovery';
import { grpcStatusOf } from './http-status.js';

/** The status that the caller gets, and whether to log the error. */
export interface GrpcStatus {
  readonly code: status;
  readonly message: string;
  /** The server is at fault, and the message may hide the cause. */
  readonly log: boolean;
  /** Sent as trailers, for example `grpc-status-details-bin`. */
  readonly metadata?: Metadata;
}

/** May succeed later. All other codes of `DiscoveryError` are programming errors. */
const transientCodes: ReadonlySet<ErrorCode> = new Set([
  'REGISTRY_UNAVAILABLE',
  'REGISTRY_REFUSED',
  'REGISTRATION_LOST',
  'CLOSED',
]);

const internal: GrpcStatus = {
  code: status.INTERNAL,
  message: 'internal error; the details are logged',
  log: true,
};
const unavailable: GrpcStatus = {
  code: status.UNAVAILABLE,
  message: 'a dependency of this call is unavailable',
  log: true,
};
const deadlineExceeded: GrpcStatus = {
  code: status.DEADLINE_EXCEEDED,
  message: 'a dependency of this call did not respond in time',
  log: true,
};
const cancelledByCaller: GrpcStatus = { code: status.CANCELLED, message: 'cancelled', log: false };

/** `FORBIDDEN_MESSAGE` of @nestjs/core: the `RpcException` without a code that Nest throws when a guard returns false. */
const forbiddenMessage = 'Forbidden resource';

/**
 * Maps an error to a gRPC status. UNKNOWN only if the error asks for it. `cancelled`: the caller has cancelled the call.
 *
 * Nest's gRPC, RPC and HTTP exceptions are meant for the caller and keep their code and message. The status of an
 * upstream call does not (AIP-193): its NOT_FOUND or PERMISSION_DENIED is about our request, not our caller's. Only
 * UNAVAILABLE and DEADLINE_EXCEEDED also hold for our caller. CANCELLED without a cancelled caller means that the upstream
 * server shut down during the call.
 */
export function toGrpcStatus(error: unknown, cancelled: boolean): GrpcStatus {
  if (!(error instanceof Error)) return internal;
  if (error instanceof HttpException) return fromHttpException(error);
  if (error instanceof DiscoveryError) return transientCodes.has(error.code) ? unavailable : internal;
  if ('getError' in error && typeof error.getError === 'function') {
    return fromRpcException(error, error.getError());
  }
  if (isServiceError(error)) return fromUpstream(error.code, cancelled);
  if (error.name === 'TimeoutError') return deadlineExceeded;
  // Without a cancelled caller the handler has given up waiting. CANCELLED would be retried by callers.
  if (error.name === 'AbortError') return cancelled ? cancelledByCaller : deadlineExceeded;
  return internal;
}

function fromHttpException(error: HttpException): GrpcStatus {
  const http = error.getStatus();
  const code = grpcStatusOf(http) ?? (http < 500 ? status.FAILED_PRECONDITION : status.INTERNAL);
  return { code, message: messageOf(error), log: code === status.INTERNAL };
}

/** A `ValidationPipe` lists the violations in the response; the message of its exception is generic. */
function messageOf(error: HttpException): string {
  const response = error.getResponse();
  const message = typeof response === 'object' && 'message' in response ? response.message : undefined;
  return Array.isArray(message) ? message.join('; ') : error.message;
}

/** `RpcException`, and Nest's exceptions for each gRPC code. */
function fromRpcException({ message }: Error, content: unknown): GrpcStatus {
  const code =
    typeof content === 'object' && content !== null && 'code' in content ? content.code : undefined;
  if (isStatusCode(code)) return { code, message, log: false, ...metadataOf(content) };
  if (content === forbiddenMessage) return { code: status.PERMISSION_DENIED, message, log: false };
  return { code: status.INTERNAL, message, log: true };
}

/** Of an `RpcException`: `new RpcException({ code, message, metadata })`. */
function metadataOf(content: unknown): { readonly metadata?: Metadata } {
  const { metadata } = content as { readonly metadata?: unknown };
  return metadata instanceof Metadata ? { metadata } : {};
}

function fromUpstream(code: number, cancelled: boolean): GrpcStatus {
  if (code === status.DEADLINE_EXCEEDED) return deadlineExceeded;
  if (code === status.CANCELLED && cancelled) return cancelledByCaller;
  return code === status.UNAVAILABLE || code === status.CANCELLED ? unavailable : internal;
}

function isStatusCode(code: unknown): code is status {
  return typeof code === 'number' && code in status;
}

/** A `ServiceError` of a grpc-js client. A numeric code is not enough: errors of database drivers have one, too. */
function isServiceError(error: Error): error is Error & { readonly code: number } {
  return 'code' in error && isStatusCode(error.code) && 'details' in error && 'metadata' in error;
}
