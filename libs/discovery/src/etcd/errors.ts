import { DiscoveryError, type ErrorCode } from '../model/errors.js';

/** What grpc-js throws, and what a stream emits. */
interface Status {
  readonly code: number;
  readonly details: string;
}

/** The permanent ones of https://grpc.io/docs/guides/status-codes. All others are transient. */
const codes: Readonly<Record<number, ErrorCode>> = {
  3: 'REGISTRY_REFUSED', // INVALID_ARGUMENT
  5: 'REGISTRATION_LOST', // NOT_FOUND: of our requests, only those for a lease can return it
  7: 'REGISTRY_REFUSED', // PERMISSION_DENIED
  9: 'REGISTRY_REFUSED', // FAILED_PRECONDITION
  12: 'REGISTRY_REFUSED', // UNIMPLEMENTED
  16: 'REGISTRY_REFUSED', // UNAUTHENTICATED
};

export function toDiscoveryError(error: unknown, host: string): DiscoveryError {
  if (!isStatus(error)) return DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', `etcd at ${host}`);
  const code = codes[error.code] ?? 'REGISTRY_UNAVAILABLE';
  return new DiscoveryError(code, `etcd at ${host}: ${error.details}`, { cause: error });
}

/** The error for a watch that etcd has cancelled. `reason` may be empty. */
export function watchCancelled(reason: string, host: string): DiscoveryError {
  const code = /permission denied|auth|user name/.test(reason) ? 'REGISTRY_REFUSED' : 'REGISTRY_UNAVAILABLE';
  return new DiscoveryError(code, `etcd at ${host} cancelled the watch: ${reason || 'no reason given'}`);
}

/** Whether a new login may help, as etcd's own client tries. */
export function needsLogin({ message }: DiscoveryError): boolean {
  return /invalid auth token|auth store is old|user name is empty/.test(message);
}

export function isAuthDisabled(error: unknown): boolean {
  return error instanceof DiscoveryError && error.message.includes('authentication is not enabled');
}

function isStatus(error: unknown): error is Status {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}
