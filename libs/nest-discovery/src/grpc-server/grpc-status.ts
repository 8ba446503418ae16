import { status } from '@grpc/grpc-js';
import { HttpException } from '@nestjs/common';
import { DiscoveryError, type ErrorCode } from '@rollcall/discovery';
import { grpcStatusOf } from './http-status.js';

/** What the caller is told, and whether somebody here should hear of it. */
export interface GrpcAnswer {
  readonly code: status;
  readonly message: string;
  /** The cause is ours or that of a service behind us, and what is told of it is not all. */
  readonly log: boolean;
}

/** What may be there again in a moment. Every other code of ours is a mistake in this program. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'REGISTRY_UNAVAILABLE',
  'REGISTRY_REFUSED',
  'REGISTRATION_LOST',
  'CLOSED',
]);

const internal: GrpcAnswer = {
  code: status.INTERNAL,
  message: 'something went wrong here; it has been logged',
  log: true,
};
const unavailable: GrpcAnswer = {
  code: status.UNAVAILABLE,
  message: 'something that this call needs cannot be had now',
  log: true,
};
const late: GrpcAnswer = {
  code: status.DEADLINE_EXCEEDED,
  message: 'something that this call needs did not come in time',
  log: true,
};

/** Nest's refusal by a guard that only says no, which has no code: `FORBIDDEN_MESSAGE` of @nestjs/core. */
const forbidden = 'Forbidden resource';

/**
 * What to answer for an error, never UNKNOWN unless it asks for it. `cancelled` is whether the caller has gone.
 *
 * What is meant for the caller is told as it is: Nest's gRPC, RPC and HTTP exceptions. What a service behind this one
 * answered is not (AIP-193): its NOT_FOUND or PERMISSION_DENIED speaks of our request, not of our caller's. Two of its
 * answers hold for our caller too: it cannot be reached now, and it is too late. A CANCELLED that our caller did not ask
 * for is a service that left in the middle of its answer.
 */
export function grpcAnswer(error: unknown, cancelled: boolean): GrpcAnswer {
  if (!(error instanceof Error)) return internal;
  if (error instanceof HttpException) return ofHttp(error);
  if (error instanceof DiscoveryError) return passing.has(error.code) ? unavailable : internal;
  if ('getError' in error && typeof error.getError === 'function') return ofRpc(error, error.getError());
  if (isServiceError(error)) return ofUpstream(error.code, cancelled);
  if (error.name === 'TimeoutError') return late;
  if (error.name === 'AbortError') return { code: status.CANCELLED, message: 'cancelled', log: false };
  return internal;
}

function ofHttp(error: HttpException): GrpcAnswer {
  const http = error.getStatus();
  const code = grpcStatusOf(http) ?? (http < 500 ? status.FAILED_PRECONDITION : status.INTERNAL);
  return { code, message: textOf(error), log: code === status.INTERNAL };
}

/** A ValidationPipe lists what is wrong in the response, and has a message that says nothing. */
function textOf(error: HttpException): string {
  const response = error.getResponse();
  const message = typeof response === 'object' && 'message' in response ? response.message : undefined;
  return Array.isArray(message) ? message.join('; ') : error.message;
}

/** `RpcException`, and Nest's exceptions for each code of gRPC. */
function ofRpc({ message }: Error, told: unknown): GrpcAnswer {
  const code = typeof told === 'object' && told !== null && 'code' in told ? told.code : undefined;
  if (isStatus(code)) return { code, message, log: false };
  if (told === forbidden) return { code: status.PERMISSION_DENIED, message, log: false };
  return { code: status.INTERNAL, message, log: true };
}

function ofUpstream(code: number, cancelled: boolean): GrpcAnswer {
  if (code === status.DEADLINE_EXCEEDED) return late;
  if (code === status.CANCELLED && cancelled) return { code, message: 'cancelled', log: false };
  return code === status.UNAVAILABLE || code === status.CANCELLED ? unavailable : internal;
}

function isStatus(code: unknown): code is status {
  return typeof code === 'number' && code in status;
}

/** What a client of grpc-js rejects with. An error that merely has a number is not one: databases number theirs, too. */
function isServiceError(error: Error): error is Error & { readonly code: number } {
  return 'code' in error && isStatus(error.code) && 'details' in error && 'metadata' in error;
}
