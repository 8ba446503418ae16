/**
 * Every way the library fails, as a stable code. `docs/errors.md` says what each means and what to do;
 * a test holds the two together.
 */
export const errorCodes = {
  INVALID_INSTANCE: 'An instance was described with a value that no registry could carry.',
  INVALID_TARGET: 'A gRPC target or a registry URL could not be understood.',
  INVALID_OPTION: 'An option has a value outside its range.',
  INVALID_RECORD: 'A record in the registry is not one we can read. That record alone is left out.',
  NO_ADVERTISABLE_ADDRESS: 'No address was found under which callers could reach this process.',
  REGISTRY_UNAVAILABLE: 'The registry could not be reached, or did not answer in time.',
  REGISTRY_REFUSED: 'The registry answered, and refused: credentials, rights or a malformed request.',
  REGISTRATION_LOST: 'The record of an instance is no longer in the registry.',
  CONFLICT: 'The record of an instance is owned by someone else, who keeps it.',
  NO_INSTANCE: 'No instance of the service that is asked for is known.',
  CLOSED: 'The registry handle was closed by its owner and takes no more work.',
  INCOMPATIBLE_GRPC: 'The installed @grpc/grpc-js does not have the experimental API this library needs.',
  MISSING_PEER: 'A package that this backend is built on is not installed.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

const brand = Symbol.for('@rollcall/discovery/DiscoveryError');

/** The one error class of the library. The message starts with the code; `cause` is what was caught. */
export class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(`${code}: ${message}`, options);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Wraps anything thrown; what is a `DiscoveryError` already is returned as it is. */
  static from(error: unknown, code: ErrorCode, context: string): DiscoveryError {
    if (error instanceof DiscoveryError) return error;
    const reason = error instanceof Error ? error.message || error.name : String(error);
    return new DiscoveryError(code, `${context}: ${reason}`, { cause: error });
  }

  /** Holds across two installed copies of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
