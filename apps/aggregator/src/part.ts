import { type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { instanceIdKey } from '@rollcall/service-kit';

/** Who answered for a part of the page, and how long that took, in ms. */
export interface Served {
  readonly servedBy: string;
  readonly tookMs: number;
}

/** Stands where a part would, when its service could not give it. */
export interface Unavailable {
  readonly unavailable: { readonly code: StatusName; readonly message: string };
}

/** A code of gRPC by its name: `UNAVAILABLE`. */
export type StatusName = keyof typeof status;

/** A call that failed: which service was asked, and what became of it. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly code: StatusName;

  constructor(service: string, cause: ServiceError) {
    const what = silence[cause.code];
    super(what ? `${service} ${what}: ${cause.details}` : cause.details || `${service} failed`, { cause });
    this.code = status[cause.code] as StatusName;
  }
}

/** Where grpc-js speaks of connections, the reader wants to know first whose. */
const silence: Partial<Record<status, string>> = {
  [status.UNAVAILABLE]: 'cannot be reached',
  [status.DEADLINE_EXCEEDED]: 'did not answer in time',
  [status.CANCELLED]: 'did not finish its answer',
};

/**
 * Makes one call, and says who answered it.
 * @throws {CallFailure} when the call fails.
 */
export async function served<T>(
  service: string,
  call: (onHeaders: (headers: Metadata) => void) => Promise<T>,
): Promise<Served & { answer: T }> {
  const startedAt = performance.now();
  let servedBy = '';
  try {
    const answer = await call((headers) => {
      servedBy = String(headers.get(instanceIdKey)[0] ?? '');
    });
    return { answer, servedBy, tookMs: Math.round((performance.now() - startedAt) * 10) / 10 };
  } catch (error) {
    throw isServiceError(error) ? new CallFailure(service, error) : error;
  }
}

/**
 * A part without which the page is still worth showing. Whatever its service answers but the part, also that it does
 * not know the product, takes nothing away from a product that is there.
 */
export async function optional<T>(part: Promise<T>): Promise<T | Unavailable> {
  try {
    return await part;
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    return { unavailable: { code: error.code, message: error.message } };
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}
