import { isIP } from 'node:net';

/** Whether only this host reaches `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Whether `host` means every address of a host, in whatever way it is written: one can listen there, and not call. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '' || (isIP(host) === 6 && /^[0:]+$/.test(host));
}
