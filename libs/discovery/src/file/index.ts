import type { Backend } from '../backend.js';
import { DiscoveryError } from '../errors.js';
import type { RegistryUrl } from '../registry-url.js';
import { fileBackend } from './file-backend.js';

export { fileBackend } from './file-backend.js';
export type { FileOptions } from './file-backend.js';

/** `file:///run/rollcall` @throws {DiscoveryError} INVALID_TARGET. */
export function fileFromUrl({ hosts, path, options }: RegistryUrl): Backend {
  if (hosts.length > 0 || path.length < 2 || options.size > 0) {
    throw new DiscoveryError(
      'INVALID_TARGET',
      `a file registry is written file:///directory, with three slashes and nothing else; got path "${path}"`,
    );
  }
  return fileBackend({ directory: path });
}
