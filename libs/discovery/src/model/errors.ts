import { printable } from '../runtime/printable.js';

/** The stable error codes. `docs/errors.md` lists them with what to do; a test keeps the two in sync. */
export const errorCodes = {
  INVALID_INSTANCE: 'A field of an instance is invalid, or its id is already registered by this process.',
  INVALID_TARGET: 'A gRPC target or a registry URL is invalid.',
  INVALID_OPTION: 'An option has an invalid value.',
  INVALID_RECORD: 'A record in the registry is unreadable. Only that record is left out.',
  NO_ADVERTISABLE_ADDRESS: 'No address was found at which callers can reach this process.',
  REGISTRY_UNAVAILABLE: 'The registry is unreachable or did not answer in time.',
  REGISTRY_REFUSED:
    'The registry rejected a request: wrong credentials, missing permissions or a malformed request.',
  REGISTRATION_LOST: 'The record of a registered instance is no longer in the registry.',
  CONFLICT: 'The record of an instance belongs to another process that keeps it alive.',
  UNSUPPORTED: 'The registry does not support the operation.',
  NO_INSTANCE: 'No instance of the requested service is known.',
  CLOSED: 'A registry handle, a registration or a client was used after it was closed.',
  INCOMPATIBLE_GRPC: 'The installed @grpc/grpc-js lacks an experimental API that this library needs.',
  INCOMPATIBLE_COPY: 'The process has loaded another, incompatible version of this library before.',
  MISSING_PEER: 'An optional peer dependency that the backend needs is not installed.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

const brand = Symbol.for('@rollcall/discovery/DiscoveryError');

/** The one error class of the library. The message starts with the code and is one line; `cause` is the original error. */
export class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(`${code}: ${printable(message)}`, options);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Wraps anything thrown; a `DiscoveryError` is returned unchanged. */
  static from(error: unknown, code: ErrorCode, context: string): DiscoveryError {
    if (error instanceof DiscoveryError) return error;
    const reason = error instanceof Error ? error.message || error.name : String(error);
    return new DiscoveryError(code, `${context}: ${reason}`, { cause: error });
  }

  /** Also true for errors of another installed copy of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
