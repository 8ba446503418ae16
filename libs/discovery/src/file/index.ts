import type { Backend } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { RegistryUrl } from '../model/registry-url.js';
import { fileBackend } from './file-backend.js';

export { fileBackend } from './file-backend.js';
export type { FileOptions } from './options.js';

const durations = ['heartbeatMs', 'staleAfterMs', 'scanIntervalMs'] as const;

/**
 * `file:///run/rollcall?heartbeatMs=2000&staleAfterMs=10000&scanIntervalMs=200`
 * @throws {DiscoveryError} INVALID_TARGET, or INVALID_OPTION for a value outside its range.
 */
export function fileFromUrl({ hosts, path, options }: RegistryUrl): Backend {
  if (hosts.length > 0 || path.length < 2) {
    throw invalid(`"${path}" is no directory; write file:///run/rollcall, with three slashes`);
  }
  const given: Partial<Record<(typeof durations)[number], number>> = {};
  for (const [key, value] of options) {
    const duration = durations.find((name) => name === key);
    if (!duration) throw invalid(`"${key}" is no option; use ${durations.join(', ')}`);
    given[duration] = Number(value);
  }
  return fileBackend({ directory: path, ...given });
}

function invalid(reason: string): DiscoveryError {
  return new DiscoveryError('INVALID_TARGET', `a file registry is named by a directory: ${reason}`);
}
