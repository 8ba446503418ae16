import { DiscoveryError, type ErrorCode } from '../model/errors.js';

/** What grpc-js throws, and what a stream emits. */
interface Status {
  readonly code: number;
  readonly details: string;
}

/** https://grpc.io/docs/guides/status-codes: those that another attempt would get again. The rest is trouble. */
const codes: Readonly<Record<number, ErrorCode>> = {
  3: 'REGISTRY_REFUSED', // INVALID_ARGUMENT
  5: 'REGISTRATION_LOST', // NOT_FOUND: of all that we ask for, only a lease can be missing
  7: 'REGISTRY_REFUSED', // PERMISSION_DENIED
  9: 'REGISTRY_REFUSED', // FAILED_PRECONDITION
  12: 'REGISTRY_REFUSED', // UNIMPLEMENTED
  16: 'REGISTRY_REFUSED', // UNAUTHENTICATED
};

/** Brings whatever a call to etcd ends with into an error of ours. */
export function failureOf(error: unknown, host: string): DiscoveryError {
  if (!isStatus(error)) return DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', `etcd at ${host}`);
  const code = codes[error.code] ?? 'REGISTRY_UNAVAILABLE';
  return new DiscoveryError(code, `etcd at ${host}: ${error.details}`, { cause: error });
}

/** etcd has cancelled a watch, for the reason it gives, which may be none. */
export function cancelled(reason: string, host: string): DiscoveryError {
  const code = /permission denied|auth|user name/.test(reason) ? 'REGISTRY_REFUSED' : 'REGISTRY_UNAVAILABLE';
  return new DiscoveryError(code, `etcd at ${host} cancelled the watch: ${reason || 'it gives no reason'}`);
}

/** A login that was good once, and may be again when it is made anew (as etcd's own client does). */
export function needsLogin({ message }: DiscoveryError): boolean {
  return /invalid auth token|auth store is old|user name is empty/.test(message);
}

export function authenticationIsOff(error: unknown): boolean {
  return error instanceof DiscoveryError && error.message.includes('authentication is not enabled');
}

function isStatus(error: unknown): error is Status {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}
