import { isIP } from 'node:net';

/** Whether `host` is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Whether `host` is the unspecified address, in any notation: valid for listening, not for connecting. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '' || (isIP(host) === 6 && /^[0:]+$/.test(host));
}
