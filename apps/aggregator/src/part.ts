import { type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { instanceIdKey } from '@rollcall/service-kit';

/** Who answered for a part of the page, and how long that took, in ms. */
export interface Served {
  readonly servedBy: string;
  readonly tookMs: number;
}

/** Stands where a part would, when its service could not be had. */
export interface Unavailable {
  readonly unavailable: { readonly code: string; readonly message: string };
}

/** Makes one call, and says who answered it. */
export async function served<T>(
  call: (onHeaders: (headers: Metadata) => void) => Promise<T>,
): Promise<Served & { answer: T }> {
  const startedAt = performance.now();
  let servedBy = '';
  const answer = await call((headers) => {
    servedBy = String(headers.get(instanceIdKey)[0] ?? '');
  });
  return { answer, servedBy, tookMs: Math.round((performance.now() - startedAt) * 10) / 10 };
}

/** A part of the page without which the page is still worth showing. */
export async function optional<T>(part: Promise<T>): Promise<T | Unavailable> {
  try {
    return await part;
  } catch (error) {
    if (!isServiceError(error)) throw error;
    return { unavailable: { code: status[error.code], message: error.details } };
  }
}

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}
