import { DiscoveryError } from '../model/errors.js';
import type { Backend } from './backend.js';

/** The error for what a registry that can only be watched does not support. */
export function watchOnly({ location }: Pick<Backend, 'location'>, operation: string): DiscoveryError {
  return new DiscoveryError(
    'UNSUPPORTED',
    `cannot ${operation} in ${location}: it can only be watched, one service at a time; use the registry that fills it`,
  );
}
