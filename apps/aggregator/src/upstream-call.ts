import { type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { Logger } from '@nestjs/common';
import { instanceIdKey } from '@rollcall/service-kit';

/** The instance that served a section of the page, and its response time in ms. */
export interface CallInfo {
  readonly servedBy: string;
  readonly tookMs: number;
}

/** Replaces a section of the page whose service failed. */
export interface Unavailable {
  readonly unavailable: { readonly code: StatusName; readonly message: string };
}

/** The name of a gRPC code: `UNAVAILABLE`. */
export type StatusName = keyof typeof status;

/** The public message. The details, which name addresses and registries, are logged. */
const publicMessages: Partial<Record<status, string>> = {
  [status.INVALID_ARGUMENT]: 'rejected the request as invalid',
  [status.NOT_FOUND]: 'has no such entry',
  [status.RESOURCE_EXHAUSTED]: 'received too many requests',
  [status.UNIMPLEMENTED]: 'does not implement the method',
  [status.UNAVAILABLE]: 'is unavailable',
  [status.DEADLINE_EXCEEDED]: 'did not respond in time',
  [status.CANCELLED]: 'aborted its response',
};

/** A failed call to a service. Its message is for the caller of the aggregator; `log` has the cause. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly code: StatusName;
  /** The fields of a log line. `upstreamInstance` is empty if no instance responded. */
  readonly log: Readonly<Record<'upstream' | 'upstreamInstance' | 'code' | 'details', string>>;

  constructor(service: string, cause: ServiceError) {
    super(`${service} ${publicMessages[cause.code] ?? 'failed'}`, { cause });
    this.code = status[cause.code] as StatusName;
    this.log = {
      upstream: service,
      upstreamInstance: String(cause.metadata?.get(instanceIdKey)[0] ?? ''),
      code: this.code,
      details: cause.details,
    };
  }
}

/** @throws {UpstreamError} if the call fails. */
export async function timedCall<T>(
  service: string,
  call: (onHeaders: (headers: Metadata) => void) => Promise<T>,
): Promise<CallInfo & { response: T }> {
  const startedAt = performance.now();
  let servedBy = '';
  try {
    const response = await call((headers) => {
      servedBy = String(headers.get(instanceIdKey)[0] ?? '');
    });
    return { response, servedBy, tookMs: Math.round((performance.now() - startedAt) * 10) / 10 };
  } catch (error) {
    throw isServiceError(error) ? new UpstreamError(service, error) : error;
  }
}

const logger = new Logger('Upstream');

/** For sections that the page can be shown without: any error of their service, NOT_FOUND included, degrades the page. */
export async function orUnavailable<T>(section: Promise<T>): Promise<T | Unavailable> {
  try {
    return await section;
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    logger.warn({ message: `degraded: ${error.message}`, ...error.log });
    return { unavailable: { code: error.code, message: error.message } };
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}
